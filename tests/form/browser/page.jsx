// The same form by two stock renderers: /?by=rjsf and /?by=jsonforms. The page knows nothing of orders.
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import React, { useState } from "react";
import { createRoot } from "react-dom/client";
import RjsfForm from "@rjsf/core";
import { customizeValidator } from "@rjsf/validator-ajv8";
import { JsonForms } from "@jsonforms/react";
import { vanillaCells, vanillaRenderers } from "@jsonforms/vanilla-renderers";

const validator = customizeValidator({ AjvClass: Ajv2020 });
const ajv = new Ajv2020({ allErrors: true, strict: false });
addFormats(ajv);

async function submit(data) {
  const answer = await fetch("/submit", { method: "POST", body: JSON.stringify(data) });
  return answer.json();
}

const none = [];  // one and the same: another list makes the renderer begin again

function Page({ form, by }) {
  const [data, setData] = useState(form.data);
  const [answer, setAnswer] = useState(null);
  const send = async () => setAnswer(await submit(data));
  const refused = answer && !(answer.outcome && !answer.outcome.refused);
  const saved = answer && !refused;
  return (
    <main data-document={JSON.stringify(data)}>
      {saved && <p id="saved">{answer.outcome.key}</p>}
      {refused && <ul id="refused">{answer.errors.messages.map((text) => <li key={text}>{text}</li>)}</ul>}
      {by === "rjsf" ? (
        <RjsfForm
          schema={form.schema}
          uiSchema={form.uiSchema}
          formData={data}
          validator={validator}
          extraErrors={refused ? answer.errors.extraErrors : undefined}
          noHtml5Validate
          experimental_defaultFormStateBehavior={{ constAsDefaults: "skipOneOf" }}
          showErrorList={false}
          onChange={(event) => setData(event.formData)}
          onSubmit={send}
        />
      ) : (
        <>
          <JsonForms
            schema={form.schema}
            uischema={form.layout}
            data={data}
            ajv={ajv}
            renderers={vanillaRenderers}
            cells={vanillaCells}
            additionalErrors={refused ? answer.errors.additionalErrors : none}
            onChange={({ data: changed }) => setData(changed)}
          />
          <button id="send" onClick={send}>{form.uiSchema["ui:submitButtonOptions"].submitText}</button>
        </>
      )}
    </main>
  );
}

const by = new URLSearchParams(location.search).get("by") ?? "rjsf";
const form = await (await fetch("/form")).json();
createRoot(document.getElementById("root")).render(<Page form={form} by={by} />);
