-- What luacheck must know of the three kinds of Lua here: robots, the library, annotations.
std = "lua54"
max_line_length = 120
files["robots"].read_globals = { "run" }
files["examples"].read_globals = { "run" }
files["tests/bench/robots"] = { read_globals = { "run" } }
files["stdlib-lua/meta"] = { unused_args = false, unused = false }
files["stdlib-lua"] = { self = false } -- methods are called with a colon, whether they need the object or not
-- Tests of the language say what must not be said.
files["tests/lua"] = { read_globals = { "run" } }
files["tests/lua/language_test.lua"] = { ignore = { "113", "122", "512" } }
files["stdlib-lua/meta/globals.lua"] = { globals = { "run" } } -- says what robots have without require
exclude_files = { "tests/fuzz/corpus" } -- what fuzzers are given is no Lua of ours
