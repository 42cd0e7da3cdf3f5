-- Makes a test of the examples of a module's annotations, which lua_runner runs in the robots' language:
--   lua5.4 docs/reference/examples.lua MODULE.lua >NAME_test.lua
-- What stands behind --> is what the expression before it gives: its text as tostring shows it, "…" for anything; a
-- table as Lua writes it; several results with commas between. Every example must be Lua, run or not.
package.path = arg[0]:gsub("[^/]*$", "?.lua")
local annotations = require "annotations"

local MODULES = { "date", "decimal", "finance", "html", "json", "sheet", "text", "xml" }

-- An example that needs what is not in it (the clock, a file that somebody sent, a document read above) is only parsed.
local OUTSIDE = {
  "items%.%a", "date.today", "date.now", "text.read%(", "text.lines%(", "text.digest%(",
  "%.xlsx?\"%)", "xml.parse%(text[,)]",
}
local FREE = {
  "doc", "entry", "page", "row", "rows", "form", "report", "ledger", "answer", "run", "response", "statement",
}

local function is_outside(code)
  for _, pattern in ipairs(OUTSIDE) do
    if code:find(pattern) and not code:find("sheet.create", 1, true) then return true end
  end
  for _, name in ipairs(FREE) do
    local word = "[%w_, ]-%f[%w_]" .. name .. "%f[^%w_]"
    local defined = code:find("local" .. word) or code:find("for" .. word) or code:find("function%(" .. word)
    if not defined and code:find("%f[%w_\"'.]" .. name .. "[:.%(]") then return true end
  end
  return false
end

local function quoted(text) return ("%q"):format(text):gsub("\\\n", "\\n") end

-- The last lines of `pending` that make one expression, as the text of it; they are taken away.
local function take_expression(pending)
  local name = #pending > 0 and pending[#pending]:match("^%s*local%s+([%w_]+)%s*=")
  if name then return name end
  local expression = ""
  for first = #pending, 1, -1 do
    expression = pending[first] .. "\n" .. expression
    if load("return " .. expression) then
      for i = #pending, first, -1 do pending[i] = nil end
      return expression
    end
  end
  return nil
end

-- The example as Lua that compares, or nil and why not.
local function translate(path, example)
  local done, pending = {}, {}
  for i, line in ipairs(example.code) do
    local code, expected = line:match("^(.-)%s*%-%->%s*(.-)%s*$")
    if not code then
      table.insert(pending, line)
    else
      if code:find("%S") then table.insert(pending, code) end
      local expression = take_expression(pending)
      if not expression then
        error(("%s:%d: no expression before -->: %s"):format(path, example.line + i - 1, line))
      end
      for _, statement in ipairs(pending) do table.insert(done, statement) end
      pending = {}
      local literal = expected:find("^{") and load("return " .. expected) and expected or "nil"
      table.insert(done, ("expect(%d, %s, %s, %s)"):format(example.line + i - 1, literal, quoted(expected), expression))
    end
  end
  for _, statement in ipairs(pending) do table.insert(done, statement) end
  return table.concat(done, "\n")
end

local HEAD = [[
local function shown(value, alone)
  if type(value) == "string" and not alone then return (("%q"):format(value)) end
  return tostring(value)
end

local function same(got, expected)
  if type(expected) ~= "table" then return tostring(got) == tostring(expected) end
  for key, value in pairs(expected) do
    if not same(got[key], value) then return false end
  end
  for key in pairs(got) do
    if expected[key] == nil then return false end
  end
  return true
end

-- "…" stands for anything, once; a hard blank looks like a blank.
local function matches(text, expected)
  text = text:gsub("\u{A0}", " "):gsub("\u{202F}", " ")
  local from, to = expected:find("…", 1, true)
  if not from then return text == expected end
  local before, after = expected:sub(1, from - 1), expected:sub(to + 1)
  return #text >= #before + #after and text:sub(1, #before) == before and (after == "" or text:sub(-#after) == after)
end

local function expect(line, expected, written, ...)
  if type(...) == "table" and type(expected) == "table" then
    assert(same((...), expected), "line " .. line .. " gives another table")
    return
  end
  local count, texts = select("#", ...), {}
  for i = 1, count do texts[i] = shown((select(i, ...)), count == 1) end
  local text = table.concat(texts, ", ")
  if not matches(text, written) then
    error(("line %d gives %s, not %s"):format(line, text, written), 0)
  end
end

local tests = {}
]]

local path = arg[1]
local known = {}
for _, name in ipairs(MODULES) do known[name] = true end
local name = path:match("([%w_]+)%.lua$")
io.write(HEAD)
local count = 0
for _, block in ipairs(annotations.read(path)) do
  for _, example in ipairs(block.examples) do
    local source = table.concat(example.code, "\n")
    assert(load(source:gsub("%s*%-%->[^\n]*", "")) or load(translate(path, example)),
      ("%s:%d: the example is no Lua"):format(path, example.line))
    if known[name] and source:find("-->", 1, true) and not is_outside(source) then
      count = count + 1
      io.write(("tests[%q] = function()\n"):format(("line %03d"):format(example.line)))
      for _, module in ipairs(MODULES) do io.write(("local %s = require %q\n"):format(module, module)) end
      io.write(translate(path, example), "\nend\n\n")
    end
  end
end
assert(count > 0 or not known[name], path .. " has no example that runs")
if count == 0 then io.write("tests[\"every example is Lua\"] = function() end\n") end
io.write("return tests\n")
