-- What luacheck must know of the three kinds of Lua here: robots, the library, annotations.
std = "lua54"
max_line_length = 120
files["robots"].read_globals = { "run" }
files["examples"].read_globals = { "run" }
files["stdlib-lua/meta"] = { unused_args = false, unused = false }
files["stdlib-lua"] = { self = false } -- methods are called with a colon, whether they need the object or not
