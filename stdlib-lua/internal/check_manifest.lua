--- Where in manifest.lua the things stand that something is said of: its problems, as the host found them, and what it
--- has too much of.
local core = require "core.check"
local parser = require "internal.check_parser"
local worker = require "core.run"

local manifest = {}

local FILE = "manifest.lua"

--- The table that the file returns, as written, for its lines; nil where that can't be seen.
---@param source string|nil
---@return table|nil
function manifest.written(source)
  if not source or core.syntax(FILE, source) then return nil end
  local result = parser.read(FILE, source).result
  return result and result.kind == "table" and result or nil
end

--- The line of a part, by the names and numbers that lead to it; of what stands around it where it is not there.
---@param written table|nil
---@param ... string|integer
---@return integer
function manifest.line(written, ...)
  local place, line = written, 1
  for _, step in ipairs { ... } do
    if not place or place.kind ~= "table" then break end
    line = place.lines[step] or line
    place = place.fields[step] or place.items[step]
    if type(step) == "number" and place then line = place.line end
  end
  return line
end

local function steps_of(path)
  local steps = {}
  for step in path:gmatch "[^.]+" do table.insert(steps, tonumber(step) or step) end
  return steps
end

-- Errors of permits give the number of the permit, the others the path of what is wrong, as a note or first of all.
local function line_of(written, problem)
  local line = problem.where:match "line (%d+)"
  if line then return tonumber(line) end
  local noted = problem.where:match "([%a_][%w_.]*)$"
  local first = problem.arguments[1] or ""
  if problem.code == "MANIFEST_LIMIT" then
    return manifest.line(written, "limits", first)
  elseif noted == "permits" then
    return manifest.line(written, "permits", "http", tonumber(first))
  elseif noted and noted ~= FILE then
    return manifest.line(written, table.unpack(steps_of(noted)))
  end
  return manifest.line(written, table.unpack(steps_of(first)))
end

--- Tells what is wrong with the manifest.
---@param check table see internal/check.lua
---@param problems { code: string, arguments: string[], where: string }[] as the host found them
function manifest.tell(check, problems)
  local source = check.sources[FILE]
  local fault = source and core.syntax(FILE, source)
  if fault then return check:add("error", FILE, fault.source == FILE and fault.line or 1, fault) end
  for _, problem in ipairs(problems) do
    fault = worker.fault(problem.code, table.unpack(problem.arguments))
    check:add("error", FILE, line_of(check.manifest_table, problem), fault)
  end
end

return manifest
