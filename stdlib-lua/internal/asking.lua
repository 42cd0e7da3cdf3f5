--- What run:ask is given, checked and put into the form in which the host keeps a question; and values of answers.
local arguments = require "internal.arguments"
local core = require "core.run"
local date = require "date"
local decimal = require "decimal"

local asking = {}

local fail = arguments.fail

--- What an input or a field of a form was given, as robots have it.
---@param value any
---@param kind string
---@param of string|nil of a list
---@return any
function asking.value(value, kind, of)
  if value == nil then return nil end
  if kind == "decimal" then return decimal(value) end
  if kind == "date" then return date.parse(value) end
  if kind == "month" then return date.month(value) end
  if kind == "list" then
    local list = {}
    for i, element in ipairs(value) do list[i] = asking.value(element, of) end
    return list
  end
  return value
end

local FIELD_TYPES = {
  text = true, number = true, decimal = true, boolean = true, choice = true, date = true, month = true, list = true,
}
local ASK_OPTIONS = {
  title = true, key = true, to = true, text = true, fields = true, files = true, due = true, escalate = true,
  otherwise = true,
}

local function ask_option(name, value, good, expected)
  arguments.option("ask", name, value, good, expected)
end

-- Values as a person would write them, for the check that an answer goes through.
local function written_values(caller, values)
  local texts = {}
  for name, value in pairs(values) do
    local text = arguments.written(value)
    arguments.option(caller, tostring(name), value, text ~= nil, "EXPECTED_PART")
    texts[tostring(name)] = text
  end
  return texts
end

-- The fields as a manifest has its inputs, and their order.
local function fields_of(fields)
  local order, inputs = {}, {}
  for i, field in ipairs(fields) do
    local good = type(field) == "table" and type(field.name) == "string"
    ask_option(("fields[%d]"):format(i), field, good, "EXPECTED_FIELD")
    if field.name == "by" or field.name == "at" or inputs[field.name] then fail("ASK_FIELD_NAME", field.name) end
    if not FIELD_TYPES[field.type] then
      fail("OPTION_WRONG", "ask", field.name .. ".type", "text, number, decimal, boolean, choice, date, month",
        core.describe(field.type))
    end
    local input = {}
    for name, value in pairs(field) do
      if name ~= "name" then input[name] = type(value) == "userdata" and tostring(value) or value end
    end
    order[i], inputs[field.name] = field.name, input
  end
  return { order = order, inputs = inputs }
end

local function paths_of(files)
  local paths = {}
  for i, file in ipairs(type(files) == "table" and not files.path and files or { files }) do
    paths[i] = arguments.path_of(file)
    ask_option("files", file, paths[i] ~= nil, "EXPECTED_FILE")
  end
  return paths
end

--- Raises unless these are options of run:ask.
---@param options any
function asking.check(options)
  arguments.expect("ask", "options", 1, options, type(options) == "table", "EXPECTED_TABLE")
  arguments.options("ask", 1, options, ASK_OPTIONS)
  local title, otherwise = options.title, options.otherwise
  if type(title) ~= "string" or title == "" then
    fail("OPTION_WRONG", "ask", "title", core.phrase "EXPECTED_TEXT", core.describe(title))
  end
  for _, name in ipairs { "key", "to", "text", "escalate" } do
    ask_option(name, options[name], type(options[name]) == "string" and options[name] ~= "", "EXPECTED_TEXT")
  end
  ask_option("fields", options.fields, type(options.fields) == "table", "EXPECTED_TABLE")
  ask_option("due", options.due, arguments.written(options.due) ~= nil, "EXPECTED_TEXT")
  ask_option("otherwise", otherwise, type(otherwise) == "table" or otherwise == "fail", "EXPECTED_OTHERWISE")
end

--- The question as the host keeps it.
---@param options run.ask_options
---@return table
function asking.question(options)
  local otherwise = options.otherwise
  return {
    title = options.title, to = options.to, text = options.text, escalate = options.escalate,
    due = options.due and arguments.written(options.due) or "",
    fields = fields_of(options.fields or {}), files = paths_of(options.files or {}),
    otherwise = type(otherwise) == "table" and written_values("ask", otherwise) or otherwise,
  }
end

return asking
