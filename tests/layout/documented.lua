-- Everything that robots can call is documented: functions of stdlib-lua where they stand, those of C modules in
-- stdlib-lua/meta, with an example.
local tree = require "tree"

for _, name in ipairs(tree.files("'stdlib-lua/*.lua'")) do
  if not name:find("/internal/") then
    local before = {}
    for line in (tree.read(name) .. "\n"):gmatch("(.-)\n") do
      local public = line:match("^function ([%a_][%w_]*[.:][%w_]+)")
      if public and not (before[#before] or ""):find("^%-%-%-") then
        tree.fault("%s: %s has no annotation above it", name, public)
      end
      before[#before + 1] = line
    end
  end
end

for _, name in ipairs(tree.files("'runner/worker/bind/*.c'")) do
  local module = name:match("([%w_]+)%.c$")
  local content = tree.read(name)
  local meta = "stdlib-lua/meta/" .. module .. ".lua"
  if content:find("int luaopen_" .. module .. "%(") then
    if not tree.exists(meta) and not tree.exists("stdlib-lua/" .. module .. ".lua") and
      not tree.exists("stdlib-lua/internal/" .. module .. ".lua") then
      tree.fault("%s: no %s describes it", name, meta)
    elseif tree.exists(meta) then
      local described = tree.read(meta)
      for fields in content:gmatch("luaL_Reg [%w_]+%[%] = (%b{})") do
        for word in fields:gmatch('{"([%a][%w_]*)"') do
          if not word:find("^__") and not described:find("[.:]" .. word .. "%f[^%w_]") and
            not described:find("@field " .. word .. "%f[^%w_]") then
            tree.fault("%s: %s does not describe %s", name, meta, word)
          end
        end
      end
    end
  end
end
local index = tree.read("stdlib-lua/README.md")
for _, name in ipairs(tree.files("'stdlib-lua/*.lua'")) do
  local module = name:match("^stdlib%-lua/([%w_]+)%.lua$") or name:match("^stdlib%-lua/meta/([%w_]+)%.lua$")
  if module and not tree.read(name):find("^%-%-%-@meta core%.") and not index:find("`" .. module .. "`", 1, true) then
    tree.fault("stdlib-lua/README.md does not name %s", module)
  end
end
tree.finish()
