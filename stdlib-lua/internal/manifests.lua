--- A robot's own manifest inside the worker, for its tests and for `renki check`.
local core = require "core.run"
local checks = require "core.test"
local date = require "date"

local manifests = {}

--- The table that manifest.lua returns.
---@return table
function manifests.read()
  return core.load "manifest.lua"()
end

local function text_of(value)
  if type(value) ~= "table" then return tostring(value) end
  local parts = {}
  for i, element in ipairs(value) do parts[i] = tostring(element) end
  return table.concat(parts, ";")
end

-- What is given, checked against the inputs of a manifest, as the host's JSON.
local function checked(manifest, given)
  local texts = {}
  for name, value in pairs(given) do texts[name] = text_of(value) end
  local json, problems = checks.inputs(manifest, texts, date.today())
  if json then return json, texts end
  local told = {}
  for i, problem in ipairs(problems) do told[i] = problem.message end
  error(core.fault("TEST_FAILED", table.concat(told, "\n")), 0)
end

--- Inputs as the host hands them to a run. A file is read from where the test put it.
---@param given table<string, any>
---@return table
function manifests.inputs(given)
  local json, texts = checked(manifests.read(), given)
  local inputs = core.plain(json)
  for name, input in pairs(inputs) do
    if input.type == "file" and texts[name] then input.value = texts[name] end
  end
  return inputs
end

--- An answer to a form, checked as the host does it; as JSON.
---@param inputs table its fields, as a manifest's inputs
---@param given table<string, any>
---@return string
function manifests.answer(inputs, given)
  return (checked({ title = "form", owner = "form", inputs = inputs }, given))
end

return manifests
