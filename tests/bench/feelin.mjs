// The other side of bench_feel: feelin, asked case by case so that the two sides take turns.
//   node feelin.mjs FOLDER      FOLDER has node_modules/feelin (npm install feelin there)
// Reads lines "ID MODE MILLISECONDS" with MODE once (parsed before) or whole (parsed each time), answers operations a
// second and the value as JSON. The first line that it reads is the path of bench-cases.json.
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import {pathToFileURL} from 'node:url';

// feelin offers no way to parse once, so its own compile step is reached through a copy that exports it.
const folder = path.join(path.resolve(process.argv[2]), 'node_modules', 'feelin', 'dist');
const opened = path.join(folder, `opened-${process.pid}.mjs`);
fs.writeFileSync(opened, fs.readFileSync(path.join(folder, 'index.js'), 'utf8') +
    '\nexport {interpreter as $interpreter, InterpreterContext as $Context, coerceContext as $coerce};\n');
const feelin = await import(pathToFileURL(opened));
fs.unlinkSync(opened);

const cases = new Map();
function load(file) {
    for (const {id, kind, expr, context} of JSON.parse(fs.readFileSync(file, 'utf8'))) {
        const unary = kind === 'unary';
        const values = feelin.$coerce(context), compiler = new feelin.$Context();
        const {root} = unary ? feelin.$interpreter.unaryTest(expr, values, undefined, compiler)
                             : feelin.$interpreter.evaluate(expr, values, undefined, compiler);
        cases.set(id, {
            once: unary ? () => root(values)(values['?']) : () => root(values),
            whole: unary ? () => feelin.unaryTest(expr, context).value : () => feelin.evaluate(expr, context).value,
        });
    }
}

function rate(run, milliseconds) {
    const begin = process.hrtime.bigint(), end = begin + BigInt(milliseconds) * 1000000n;
    let count = 0, batch = 1, now;
    do {
        for (let i = 0; i < batch; i++) run();
        count += batch;
        now = process.hrtime.bigint();
        if (batch < 256) batch *= 2;
    } while (now < end);
    return count / (Number(now - begin) / 1e9);
}

let loaded = false;
for await (const line of readline.createInterface({input: process.stdin})) {
    if (!loaded) {
        load(line);
        loaded = true;
        console.log('ready');
        continue;
    }
    const [id, mode, milliseconds] = line.split(' ');
    const run = cases.get(id)[mode];
    console.log(`${Math.round(rate(run, Number(milliseconds)))} ${JSON.stringify(run())}`);
}
