--- What sheet.compare does: rows of two sides, matched by key or by place, and what differs between them.
---
--- The rows of the first side are kept, by key; those of the second go by, one at a time, and only what differs is kept
--- of them.
local arguments  = require "internal.arguments"
local decimal    = require "decimal"
local difference = require "internal.difference"
local sheet      = require "sheet"
local text       = require "text"

local ROWS_MAX = 1048576
local KNOWN = {
  key = true, columns = true, ignore = true, tolerance = true, trim = true, ignore_case = true,
  page = true, header = true, types = true,
}

-- ---- The two sides

-- Whether a value has a method; asking a class for one that it has not raises.
local function has(value, method)
  local done, found = pcall(function() return value[method] end)
  return done and found ~= nil
end

local function open_rows(side, options)
  local rows_options = { header = options.header, types = options.types }
  if options.page then side = side:page(options.page) end
  return side:rows(rows_options)
end

-- Names of the columns in a list of rows: as they come, those of one row by name.
local function names_of(list)
  local names, seen = {}, {}
  for _, row in ipairs(list) do
    for _, name in ipairs(arguments.sorted_names(row)) do
      if not seen[name] then
        seen[name] = true
        table.insert(names, name)
      end
    end
  end
  return names
end

local function list_rows(list)
  local at = 0
  return function()
    at = at + 1
    return list[at], at
  end, names_of(list)
end

-- What gives the rows of a side one a call, with their numbers, and the names of its columns; nil for lists of cells,
-- whose columns are counted as they come.
local function read_side(side, position, options)
  if type(side) == "string" then side = sheet.open(side) end
  if type(side) == "table" then return list_rows(side) end
  local good = type(side) == "userdata" and (has(side, "rows") or has(side, "names"))
  arguments.expect("compare", position == 1 and "a" or "b", position, side, good, "EXPECTED_SHEET")
  local rows = has(side, "rows") and open_rows(side, options) or side
  return rows, rows:names()
end

-- ---- Values

local function is_number(value)
  return type(value) == "number" or decimal.is(value)
end

local function to_decimal(value)
  if type(value) == "userdata" then return value end
  if math.type(value) == "float" then return decimal(("%.15g"):format(value)) end
  return decimal(value)
end

local function plain_text(value, options)
  if options.trim then value = text.trim(value) end
  if options.ignore_case then value = text.lower(value) end
  return value
end

-- Whether two cells hold the same: numbers by what they are worth, dates by the day, texts letter by letter. An empty
-- text is an empty cell.
local function same(a, b, options)
  if a == "" then a = nil end
  if b == "" then b = nil end
  if rawequal(a, b) then return true end
  if a == nil or b == nil then return false end
  if is_number(a) and is_number(b) then
    a, b = to_decimal(a), to_decimal(b)
    return a == b or options.tolerant and (a - b):abs() <= options.tolerance
  end
  if type(a) == "string" and type(b) == "string" then
    return plain_text(a, options) == plain_text(b, options)
  end
  return type(a) == type(b) and a == b
end

-- One text for a key, the same for 12.30 and 12.3, for the number 4711 and the text "4711".
local function key_text(value, options)
  if value == nil then return "" end
  if math.type(value) == "integer" then return tostring(value) end
  if is_number(value) then return tostring(to_decimal(value):reduce()) end
  if type(value) == "string" then return plain_text(value, options) end
  return arguments.written(value) or tostring(value)
end

-- ---- Columns

local function set_of(list)
  local set = {}
  for _, one in ipairs(list or {}) do set[one] = true end
  return set
end

local function require_columns(wanted, names)
  local missing, there = {}, set_of(names)
  for _, name in ipairs(wanted) do
    if not there[name] then table.insert(missing, tostring(name)) end
  end
  if #missing > 0 then
    local list = {}
    for i, name in ipairs(names) do list[i] = tostring(name) end
    arguments.fail("SHEET_COLUMNS_MISSING", table.concat(missing, ", "), table.concat(list, ", "))
  end
end

-- The columns of both sides that are compared, in the order of the second, and those that only one side has.
local function choose_columns(names_a, names_b, options)
  local key, ignored, wanted = set_of(options.key), set_of(options.ignore), set_of(options.columns)
  local in_a, in_b = set_of(names_a), set_of(names_b)
  local columns, only_a, only_b = {}, {}, {}
  local function counts(name) return not ignored[name] and (not options.columns or wanted[name] or key[name]) end
  for _, name in ipairs(names_b) do
    if counts(name) and not in_a[name] then table.insert(only_b, name) end
    if counts(name) and in_a[name] and not key[name] then table.insert(columns, name) end
  end
  for _, name in ipairs(names_a) do
    if counts(name) and not in_b[name] then table.insert(only_a, name) end
  end
  return columns, only_a, only_b
end

-- Rows without a header are lists of any length: the widest says how many columns there are.
local function widest(a, b)
  local columns = {}
  for _, row in ipairs { a, b } do
    for place in pairs(row) do
      for i = #columns + 1, place do columns[i] = i end
    end
  end
  return columns
end

-- ---- Rows

local function copy_of(row)
  local copy = {}
  for name, value in pairs(row) do copy[name] = value end
  return copy
end

local function key_of(row, options)
  local parts, shown = {}, {}
  for i, name in ipairs(options.key) do
    parts[i] = key_text(row[name], options)
    shown[i] = parts[i]
  end
  return table.concat(parts, "\0"), table.concat(shown, ", ")
end

local function note_duplicate(duplicates, side, key, first, number)
  local found = duplicates[side .. key]
  if not found then
    found = { key = key, side = side, rows = { first } }
    duplicates[side .. key] = found
    table.insert(duplicates, found)
  end
  table.insert(found.rows, number)
end

local function check_count(count)
  if count > ROWS_MAX then arguments.fail("LIMIT_PASSED", "rows to compare", tostring(ROWS_MAX)) end
end

-- The rows of the first side in their order, and by key: those of one key one behind the other.
local function keep_rows(rows, options, duplicates)
  local kept, by_key = {}, {}
  for row, number in rows do
    check_count(#kept + 1)
    local key, shown = tostring(#kept + 1), nil
    if options.key then key, shown = key_of(row, options) end
    local one = { values = copy_of(row), row = number, key = shown }
    table.insert(kept, one)
    local queue = by_key[key]
    if queue then
      note_duplicate(duplicates, "a", shown, queue[1].row, number)
      table.insert(queue, one)
    else
      by_key[key] = { one, next = 1 }
    end
  end
  return kept, by_key
end

local function changed_cells(old, new, columns, options)
  local cells
  for _, name in ipairs(columns or widest(old, new)) do
    if not same(old[name], new[name], options) then
      cells = cells or {}
      table.insert(cells, { column = name, old = old[name], new = new[name] })
    end
  end
  return cells
end

local function take_partner(by_key, key)
  local queue = by_key[key]
  local one = queue and queue[queue.next]
  if one then queue.next = queue.next + 1 end
  return one
end

local function compare_rows(found, rows, by_key, columns, options)
  local count, seen = 0, {}
  for row, number in rows do
    count = count + 1
    check_count(count)
    local key, shown = tostring(count), nil
    if options.key then
      key, shown = key_of(row, options)
      if seen[key] then note_duplicate(found.duplicates, "b", shown, seen[key], number) end
      seen[key] = seen[key] or number
    end
    local old = take_partner(by_key, key)
    local cells = old and changed_cells(old.values, row, columns, options)
    if not old then
      table.insert(found.added, { key = shown, row = number, values = copy_of(row) })
    elseif cells then
      table.insert(found.changed, {
        key = shown, row = number, old_row = old.row, old = old.values, new = copy_of(row), cells = cells,
      })
    else
      found.same = found.same + 1
    end
    if old then old.met = true end
  end
end

-- ---- Options

local function check_options(options)
  options = copy_of(arguments.options("compare", 3, options, KNOWN))
  if type(options.key) ~= "table" and options.key ~= nil then options.key = { options.key } end
  for _, name in ipairs { "columns", "ignore", "types" } do
    arguments.option("compare", name, options[name], type(options[name]) == "table", "EXPECTED_TABLE")
  end
  for _, name in ipairs { "trim", "ignore_case" } do
    arguments.option("compare", name, options[name], type(options[name]) == "boolean", "EXPECTED_BOOLEAN")
  end
  local tolerance = options.tolerance
  arguments.option("compare", "tolerance", tolerance, decimal.is(tolerance) or math.type(tolerance) == "integer",
    "EXPECTED_DECIMAL")
  options.tolerance = decimal(tolerance or 0)
  options.tolerant = not options.tolerance:is_zero()
  return options
end

local function source_of(side)
  if type(side) == "string" then return side end
  local done, path = pcall(function() return side:path() end)
  return done and path or nil
end

--- sheet.compare(a, b, options); see stdlib-lua/meta/sheet.lua.
return function(a, b, options)
  options = check_options(options)
  local sources = { source_of(a), source_of(b) }
  local rows_a, names_a = read_side(a, 1, options)
  local rows_b, names_b = read_side(b, 2, options)
  local found = { added = {}, removed = {}, changed = {}, duplicates = {}, same = 0, key = options.key }
  local columns, by_place = nil, options.header == false
  if not by_place then
    require_columns(options.key or {}, names_a)
    require_columns(options.key or {}, names_b)
    columns, found.only_a, found.only_b = choose_columns(names_a, names_b, options)
  end
  found.columns, found.names = columns, by_place and {} or names_b
  found.sources = { a = sources[1], b = sources[2] }
  local kept, by_key = keep_rows(rows_a, options, found.duplicates)
  compare_rows(found, rows_b, by_key, columns, options)
  for _, one in ipairs(kept) do
    if not one.met then table.insert(found.removed, { key = one.key, row = one.row, values = one.values }) end
  end
  return difference.new(found)
end
