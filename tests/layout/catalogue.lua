-- Every error and phrase is used somewhere, is said in three languages, and has the same places in each.
local tree = require "tree"

-- All words in capitals that stand in the sources, as a set: names of errors and phrases with their prefix, or in
-- quotes as Lua gives them.
local words = {}
for _, name in ipairs(tree.files("'runner/*.c' 'runner/*.h' 'stdlib-lua/*.lua' 'robots/*.lua' 'examples/*.lua'")) do
  local content = tree.read(name)
  for word in content:gmatch("[%u][%u%d_]+") do words[word] = true end
  for word in content:gmatch('"([%u][%u%d_]+)\\?"') do words['"' .. word .. '"'] = true end
end

-- The string arguments of a line ERROR(NAME, CLASS, "…" "…", …): adjacent literals are one.
local function texts(arguments)
  local list, current = {}, nil
  local i = 1
  while i <= #arguments do
    local c = arguments:sub(i, i)
    if c == '"' then
      local j = i + 1
      while arguments:sub(j, j) ~= '"' do
        j = j + (arguments:sub(j, j) == "\\" and 2 or 1)
      end
      current = (current or "") .. arguments:sub(i + 1, j - 1)
      i = j
    elseif c == "," and current then
      list[#list + 1], current = current, nil
    end
    i = i + 1
  end
  list[#list + 1] = current
  return list
end

local function places(text)
  local set = {}
  for number in text:gmatch("{(%d)}") do set[#set + 1] = number end
  table.sort(set)
  return table.concat(set, ",")
end

local function check(kind, prefix, file, expected)
  local content = ("\n" .. tree.read(file)):gsub("\n/%*.-%*/", "\n") -- not "/*" inside a text
  local count = 0
  for name, arguments in content:gmatch(kind .. "%(([%u%d_]+),(.-)%)\n") do
    count = count + 1
    local list = texts(arguments)
    if #list ~= expected then tree.fault("%s: %s has %d texts instead of %d", file, name, #list, expected) end
    for i = 1, 3 do
      if list[i] == nil or list[i] == "" then tree.fault("%s: %s lacks a text", file, name) end
      if list[i] and places(list[i]) ~= places(list[1]) then
        tree.fault("%s: %s has other arguments in one language: %s", file, name, list[i])
      end
    end
    if list[4] and ((list[4] == "") ~= (list[5] == "") or (list[4] == "") ~= (list[6] == "")) then
      tree.fault("%s: the hint of %s is not said in all languages", file, name)
    end
    if not words[prefix .. name] and not words['"' .. name .. '"'] then
      tree.fault("%s: nobody uses %s", file, name)
    end
  end
  assert(count > 0)
end

check("ERROR", "ERR_", "runner/lib/base/errors.def", 6)
check("PHRASE", "PHRASE_", "runner/lib/base/phrases.def", 3)
tree.finish()
