--- What sheet.compare found, as robots ask it, and as a marked workbook.
local core  = require "core.run"
local sheet = require "sheet"

local difference = {}
difference.__index = difference
difference.__name = "sheet.difference"

---@param found table
---@return sheet.difference
local function new(found)
  return setmetatable({ found = found }, difference)
end

-- Rows and changes that are handed out are the robot's to change.
local function list_of(list)
  local copy = {}
  for i, one in ipairs(list) do copy[i] = one end
  return copy
end

function difference:added() return list_of(self.found.added) end
function difference:removed() return list_of(self.found.removed) end
function difference:changed() return list_of(self.found.changed) end
function difference:duplicates() return list_of(self.found.duplicates) end

function difference:columns()
  return { added = list_of(self.found.only_b or {}), removed = list_of(self.found.only_a or {}) }
end

function difference:count()
  local found = self.found
  return { added = #found.added, removed = #found.removed, changed = #found.changed, same = found.same }
end

function difference:is_same()
  local found = self.found
  return #found.added + #found.removed + #found.changed + #(found.only_a or {}) + #(found.only_b or {}) == 0
end

-- ---- As a table

local WORDS = { added = "COMPARE_ADDED", removed = "COMPARE_REMOVED", changed = "COMPARE_CHANGED" }

local function word(kind) return core.phrase(WORDS[kind]) end

local function row_number(one) return one.row or one.old_row end

local function key_headers(found)
  if not found.key then return { core.phrase "COMPARE_ROW" } end
  local headers = {}
  for i, name in ipairs(found.key) do headers[i] = tostring(name) end
  return headers
end

local function key_cells(found, values, number)
  if not found.key then return { number } end
  local cells = {}
  for i, name in ipairs(found.key) do cells[i] = values[name] end
  return cells
end

-- One row for each cell that changed, and for each row that came or went.
function difference:table()
  local found, rows = self.found, {}
  local headers = key_headers(found)
  local width = #headers
  for _, phrase in ipairs { "COMPARE_CHANGE", "COMPARE_COLUMN", "COMPARE_OLD", "COMPARE_NEW" } do
    table.insert(headers, core.phrase(phrase))
  end
  local function add(kind, one, values, cell)
    local row = key_cells(found, values, row_number(one))
    row[width + 1] = word(kind)
    if cell then row[width + 2], row[width + 3], row[width + 4] = tostring(cell.column), cell.old, cell.new end
    table.insert(rows, row)
  end
  for _, one in ipairs(found.changed) do
    for _, cell in ipairs(one.cells) do add("changed", one, one.new, cell) end
  end
  for _, one in ipairs(found.added) do add("added", one, one.values) end
  for _, one in ipairs(found.removed) do add("removed", one, one.values) end
  return headers, rows
end

-- ---- As a workbook

local LOOKS = { added = "good", removed = "bad", changed = "warning" }

local function shown(value)
  if value == nil then return core.phrase "COMPARE_EMPTY" end
  return tostring(value)
end

-- The columns of rows without a header are counted; those of others have their names.
local function all_names(found)
  if #found.names > 0 then return found.names end
  local most = 0
  for _, list in ipairs { found.added, found.removed, found.changed } do
    for _, one in ipairs(list) do
      for place in pairs(one.values or one.new) do most = math.max(most, place) end
    end
  end
  local names = {}
  for i = 1, most do names[i] = i end
  return names
end

local function write_summary(self, page)
  local found, count = self.found, self:count()
  page:cell("A1", core.phrase "COMPARE_TITLE", "title")
  local row = 3
  local function line(label, value, format)
    page:cell("A" .. row, label, "bold"):cell("B" .. row, value, format)
    row = row + 1
  end
  if found.sources.a then line(core.phrase "COMPARE_OLD", found.sources.a) end
  if found.sources.b then line(core.phrase "COMPARE_NEW", found.sources.b) end
  row = row + 1
  for _, kind in ipairs { "added", "removed", "changed" } do
    line(word(kind), count[kind], (count[kind] > 0 and LOOKS[kind] .. " " or "") .. "integer left")
  end
  line(core.phrase "COMPARE_SAME", count.same, "integer left")
  row = row + 1
  for _, name in ipairs(found.only_b or {}) do line(core.phrase "COMPARE_COLUMN_ADDED", tostring(name), "good") end
  for _, name in ipairs(found.only_a or {}) do line(core.phrase "COMPARE_COLUMN_REMOVED", tostring(name), "bad") end
  for i, one in ipairs(found.duplicates) do
    if i > 100 then break end
    line(core.phrase("COMPARE_DUPLICATE", one.side == "a" and core.phrase "COMPARE_OLD" or core.phrase "COMPARE_NEW"),
      ("%s (%s)"):format(one.key, table.concat(one.rows, ", ")), "warning")
  end
  page:column("A", { width = 30 }):column("B", { width = 50 })
end

local function marked_row(names, kind, one)
  local cells, was = { sheet.styled(word(kind), LOOKS[kind]) }, {}
  local values = one.values or one.new
  for _, cell in ipairs(one.cells or {}) do was[cell.column] = cell end
  for i, name in ipairs(names) do
    local value, look = values[name], nil
    if kind ~= "changed" then look = LOOKS[kind] elseif was[name] then look = "warning" end
    cells[i + 1] = look and sheet.styled(value == nil and "" or value, look) or value
  end
  return cells
end

-- As the second side has them, then what only the first has.
local function in_order(found)
  local list = {}
  for _, kind in ipairs { "changed", "added" } do
    for _, one in ipairs(found[kind]) do table.insert(list, { kind = kind, one = one }) end
  end
  table.sort(list, function(a, b) return a.one.row < b.one.row end)
  for _, one in ipairs(found.removed) do table.insert(list, { kind = "removed", one = one }) end
  return list
end

-- All rows that differ, in full, with their marks; the old value of a changed cell stands in a note.
local function write_rows(found)
  local names, notes, rows = all_names(found), {}, {}
  local headers = { core.phrase "COMPARE_CHANGE" }
  for i, name in ipairs(names) do headers[i + 1] = tostring(name) end
  for _, entry in ipairs(in_order(found)) do
    table.insert(rows, marked_row(names, entry.kind, entry.one))
    for _, cell in ipairs(entry.one.cells or {}) do table.insert(notes, { row = #rows + 1, cell = cell }) end
  end
  return headers, rows, notes, names
end

local function column_letters(number)
  local letters = ""
  while number > 0 do
    letters = string.char(65 + (number - 1) % 26) .. letters
    number = (number - 1) // 26
  end
  return letters
end

local NOTES_MAX = 5000

local function write_marked(report, found)
  local headers, rows, notes, names = write_rows(found)
  local place = {}
  for i, name in ipairs(names) do place[name] = i + 1 end
  local page = report:table(core.phrase "COMPARE_PAGE_ROWS", headers, rows)
  for i, note in ipairs(notes) do
    if i > NOTES_MAX then break end
    page:note(column_letters(place[note.cell.column] or 1) .. note.row,
      core.phrase("COMPARE_WAS", shown(note.cell.old)))
  end
end

function difference:save(path)
  local report <close> = sheet.create(path, { title = core.phrase "COMPARE_TITLE" })
  write_summary(self, report:page(core.phrase "COMPARE_PAGE_SUMMARY"))
  if not self:is_same() then
    write_marked(report, self.found)
    local headers, rows = self:table()
    report:table(core.phrase "COMPARE_PAGE_CELLS", headers, rows)
  end
end

return { new = new }
