-- Functions with a safer twin are not called.
local tree = require "tree"

local banned = {
  "sprintf", "vsprintf", "strcpy", "strcat", "strncpy", "strncat", "gets", "atoi", "atol", "atof", "system", "popen",
  "malloc", "calloc", "realloc", "free", "strdup", "strndup", "asprintf", "tmpnam", "mktemp", "alloca", "setjmp",
}
-- File and words it may use: the wrappers themselves; what libc, libseccomp and libgit2 gave to be freed so; Lua's
-- allocator, which counts by itself.
local exempt = {
  ["runner/lib/base/memory.c"] = { malloc = true, calloc = true, realloc = true, free = true },
  ["runner/lib/sandbox/filter.c"] = { free = true },
  ["runner/host/host_main.c"] = { free = true },
  ["runner/host/repo/pin.c"] = { free = true },
  ["runner/host/repo/walk.h"] = { free = true },
  ["runner/worker/limits.c"] = { realloc = true, free = true },
}

for _, name in ipairs(tree.files("'runner/*.c' 'runner/*.h'")) do
  local allowed, number = exempt[name] or {}, 0
  for line in (tree.read(name) .. "\n"):gmatch("(.-)\n") do
    number = number + 1
    local code = " " .. line:gsub('"[^"]*"', '""'):gsub("//.*", "")
    for _, word in ipairs(banned) do
      if not allowed[word] and code:find("[^%w_.>]" .. word .. "%s*%(") then
        tree.fault("%s:%d calls %s: %s", name, number, word, line)
      end
    end
  end
end
tree.finish()
