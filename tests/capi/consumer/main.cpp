#include <leat/leat.hpp>

int main() { return leat::format("a: [1,2]\n", "a.yaml") == "a: [1, 2]\n" ? 0 : 1; }
