-- Functions with a safer twin are not called.
local tree = require "tree"

local banned = {
  "sprintf", "vsprintf", "strcpy", "strcat", "strncpy", "strncat", "gets", "atoi", "atol", "atof", "system", "popen",
  "malloc", "calloc", "realloc", "free", "strdup", "strndup", "asprintf", "tmpnam", "mktemp", "alloca", "setjmp",
}
local exempt = { ["runner/lib/base/memory.c"] = true }

for _, name in ipairs(tree.files("'runner/*.c' 'runner/*.h'")) do
  if not exempt[name] then
    local number = 0
    for line in (tree.read(name) .. "\n"):gmatch("(.-)\n") do
      number = number + 1
      local code = " " .. line:gsub('"[^"]*"', '""'):gsub("//.*", "")
      for _, word in ipairs(banned) do
        if code:find("[^%w_.>]" .. word .. "%s*%(") then
          tree.fault("%s:%d calls %s: %s", name, number, word, line)
        end
      end
    end
  end
end
tree.finish()
