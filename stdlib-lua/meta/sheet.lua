---@meta sheet

--- Spreadsheets: reads `.xlsx`, `.xlsm`, `.ods` and `.csv` exactly, writes workbooks that people are glad to open.
---
--- ```lua
--- local sheet = require "sheet"
--- local report = sheet.create "example.xlsx"
--- report:table("Invoices", { "Invoice", "Sum" }, { { "A-1", decimal "12.30" }, { "A-2", decimal "7.70" } })
--- report:close()
---
--- for row, number in sheet.open("example.xlsx"):rows { header = true } do
---   print(number, row.Invoice, row.Sum + 1)
--- end
--- ```
---
--- What a cell becomes: text is text; a number is a `decimal` (exact: 12.3 and not 12.300000000000001; whole numbers
--- too, so that sums can be compared with decimals); TRUE and FALSE are booleans; a number with a date format is a
--- `date`, or a moment when it has a time of day; times of day and elapsed hours are the text `07:30:00`, `26:30:00`;
--- an empty cell is nil; `#N/A` and its like are values of their own, with which nothing can be computed
--- (`sheet.is_error`). Cells of a CSV file are text until `types` says more. For a formula the result that the file
--- holds counts.
---@class sheet
local sheet = {}

---@class sheet.open_options all of them for CSV; what is not told is found by looking
---@field encoding? string `"utf-8"`, `"windows-1252"`, `"iso-8859-15"` …
---@field delimiter? string one letter
---@field quote? string|false one letter, or false: quotes are letters like others
---@field escape? string what makes a quote inside quotes a letter; without it, it is doubled
---@field comment? string lines that begin so are left out
---@field decimal? ","|"." which sign parts the decimals
---@field strict? boolean false: a damaged file is read as far as it goes, `rows:problems()` tells. true when not given

--- Opens a workbook or a CSV file, whatever its name ends with. An encrypted workbook, an .xls or .xlsb, a PDF,
--- a web page under a workbook's name: each raises, says what the file is and what to do.
---
--- ```lua
--- text.write("open.csv", "id;sum\n1;2,50\n")
--- sheet.open("open.csv"):describe()  --> csv, utf-8, delimiter ;, decimal comma
--- ```
---@param path string
---@param options? sheet.open_options
---@return sheet.workbook
function sheet.open(path, options) end

---@class sheet.workbook
local workbook = {}

--- All pages in the workbook's order, hidden ones too.
---@return sheet.page[]
function workbook:pages() end

--- A page by its name or its place. `rows`, `cell` and `range` of the workbook are those of the first visible page.
---
--- ```lua
--- local report = sheet.create "pages.xlsx"
--- report:page("Totals"):cell("A1", 7)
--- report:close()
--- sheet.open("pages.xlsx"):page("totals"):cell "A1"  --> 7
--- ```
---@param page string|integer
---@return sheet.page
function workbook:page(page) end

---@alias sheet.type "auto"|"text"|"decimal"|"integer"|"number"|"boolean"|"date"|"moment"

---@class sheet.rows_options
---@field header? boolean|integer true (when not given): the first row that is not empty names the columns; 5: row 5
--- does; false: rows are lists
---@field from? integer rows above this one are passed over
---@field columns? table the columns that are wanted: `{ "Invoice", "Sum" }`, or names of your own with those that the
--- file may have: `{ Invoice = { "Lasku nro", "Invoice no" }, Note = { optional = true } }`. All when not given
---@field types? table<string|integer, sheet.type> by column

--- The rows of the first visible page, one a call: a table by the header's names, the row's number in the file, its
--- last column. Empty rows are passed over. Memory does not grow with the file.
---
--- Header names are trimmed; one that comes again is numbered ("Sum", "Sum_2"). `columns` are found by exact name, else
--- without regard to case, blanks and punctuation, else by the other names. A name that no column has raises.
---
--- ```lua
--- text.write("rows.csv", "Lasku nro;Summa\n4711;1 234,50\n")
--- local rows = sheet.open("rows.csv"):rows {
---   columns = { Invoice = "Lasku nro", Sum = "Summa" }, types = { Sum = "decimal" },
--- }
--- local row, number = rows()
--- row.Invoice  --> 4711
--- row.Sum      --> 1234.50
--- number       --> 2
--- ```
---@param options? sheet.rows_options
---@return sheet.rows
function workbook:rows(options) end

--- The value of one cell. The page is read up to it: for many cells take `rows` or `range`.
---@param cell string `"B7"`
---@return any
function workbook:cell(cell) end

--- A list of rows, each a list of values: `range[1][2]`. At most a million cells.
---@param range string `"A1:D20"`
---@return any[][]
function workbook:range(range) end

--- What was found: format, encoding, delimiter, decimal mark.
---@return string
function workbook:describe() end

---@return string
function workbook:path() end

--- Readers of its rows end with an error from then on.
function workbook:close() end

---@class sheet.page
local read_page = {}

---@return string
function read_page:name() end

---@return "visible"|"hidden"|"veryHidden"
function read_page:visibility() end

---@param options? sheet.rows_options
---@return sheet.rows
function read_page:rows(options) end

---@param cell string
---@return any
function read_page:cell(cell) end

---@param range string
---@return any[][]
function read_page:range(range) end

---@class sheet.rows
---@overload fun(): table, integer, integer
local read_rows = {}

--- About how many rows there are below the header, for a progress bar; nil when that is not known.
---@return integer|nil
function read_rows:count() end

--- The names of the columns.
---@return string[]
function read_rows:names() end

--- What was wrong in a CSV file that was opened with `strict = false`, as far as it was read; the first hundred.
---@return { kind: string, line: integer }[]
function read_rows:problems() end

---@class sheet.properties
---@field title? string
---@field subject? string
---@field author? string
---@field company? string
---@field comments? string

--- Begins a workbook. It stands under its name when it is closed: by `close`, by `run:attach`, or at the end of the
--- scope of a variable that is `<close>`. What was not closed leaves no file.
---
--- ```lua
--- local report = sheet.create("create.xlsx", { title = "Invoices" })
--- report:page("Notes"):cell("A1", "=1+1")
--- report:close()
--- sheet.open("create.xlsx"):cell "A1"  --> =1+1
--- ```
---@param path string ends with .xlsx
---@param properties? sheet.properties
---@return sheet.report
function sheet.create(path, properties) end

---@alias sheet.format
---| "general"
---| "text"
---| "integer"  # 1 234
---| "number"   # 1 234,5
---| "money"    # 1 234,50, negative in red
---| "euro"     # 1 234,50 €
---| "percent"  # 12,5 %
---| "date"     # 1.2.2026
---| "moment"   # 1.2.2026 18:00
---| "duration" # 26:30
---| "header"
---| "title"
---| "bold"
---| "total"
---| "warning"
---| "wrap"     # long text in several lines
---| string     # a format code such as "0.000"

---@class sheet.report
local report = {}

---@class sheet.table_options
---@field title? string stands above the headers
---@field formats? table<string|integer, sheet.format> by header or place; by the values when not given: decimals
--- with two places are money
---@field widths? table<string|integer, number> in characters; by the content when not given
---@field totals? string[] headers of the columns that are added up below
---@field freeze? boolean the headers stay in sight; true when not given
---@field filter? boolean arrows for choosing rows; true when not given
---@field landscape? boolean for print; true for more than six columns

--- Writes a table on a page of its own, or below what is on that page already. A row is a list in the order of the
--- headers, or a table by them. Text is written as text, never as a formula. Rows may be a list, or anything that gives
--- one a call, such as the rows of another workbook: then memory does not grow with them.
---
--- ```lua
--- local report = sheet.create "table.xlsx"
--- local rows = { { "a", decimal "1.10" }, { Sum = decimal "2.20" } }
--- report:table("Sums", { "Name", "Sum" }, rows, { totals = { "Sum" } })
--- report:close()
--- sheet.open("table.xlsx"):cell "B4"  --> 3.3
--- ```
---@param page string
---@param headers string[]
---@param rows table[]|fun(): table|nil
---@param options? sheet.table_options
---@return sheet.written_page
function report:table(page, headers, rows, options) end

--- The page of that name, made where there is none: its cells can be written in any order.
---@param name string
---@return sheet.written_page
function report:page(name) end

--- Writes the file. Further calls do nothing.
function report:close() end

---@return string
function report:path() end

---@class sheet.written_page
local written_page = {}

---@return string
function written_page:name() end

--- Writes a value: text, number, decimal, boolean, date, moment, or what `sheet.formula` gives.
---@param cell string `"B7"`
---@param value any
---@param format? sheet.format
---@return sheet.written_page
function written_page:cell(cell, value, format) end

---@param column string `"B"`
---@param options { width: integer }
---@return sheet.written_page
function written_page:column(column, options) end

--- What is above and left of the cell stays in sight.
---@param cell string
---@return sheet.written_page
function written_page:freeze(cell) end

---@param range string whose first row are headers
---@return sheet.written_page
function written_page:filter(range) end

---@param range string
---@param text string
---@param format? sheet.format
---@return sheet.written_page
function written_page:merge(range, text, format) end

---@class sheet.chart
---@field type? "column"|"bar"|"line"|"pie"|"area"|"scatter" column when not given
---@field values? string a range; or `series`
---@field series? { name?: string, values: string }[]
---@field categories? string a range
---@field title? string
---@field x_title? string
---@field y_title? string
---@field at? string its upper left corner; `"F2"` when not given
---@field page? string where the ranges are; this page when not given

--- ```lua
--- local report = sheet.create "chart.xlsx"
--- local page = report:table("Sums", { "Name", "Sum" }, { { "a", 1 }, { "b", 2 } })
--- page:chart { type = "column", categories = "A2:A3", values = "B2:B3", title = "Sums", at = "D2" }
--- report:close()
--- ```
---@param chart sheet.chart
---@return sheet.written_page
function written_page:chart(chart) end

---@class sheet.formula
---@class sheet.error
local error_value = {}

---@return string `"#N/A"`
function error_value:name() end

--- A formula, in English. `result` is what programs show that do not compute.
---
--- ```lua
--- tostring(sheet.formula("=SUM(A1:A9)"))  --> =SUM(A1:A9)
--- ```
---@param formula string
---@param result? decimal|integer
---@return sheet.formula
function sheet.formula(formula, result) end

--- Whether a value is an error cell.
---
--- ```lua
--- sheet.is_error("#N/A")  --> false
--- ```
---@param value any
---@return boolean
function sheet.is_error(value) end

---@class sheet.csv_options
---@field delimiter? string `";"` when not given
---@field decimal? ","|"." `","` when not given
---@field bom? boolean a mark that tells Excel the encoding; true when not given
---@field raw? boolean for machines: text that begins with = + - @ goes out as it is. false when not given

--- Writes a CSV file that a Finnish Excel opens rightly. Text that would be taken for a formula gets a leading `'`.
---
--- ```lua
--- sheet.write_csv("out.csv", { "Name", "Sum" }, { { "=a", decimal "-1.50" } })
--- sheet.open("out.csv"):rows()().Name  --> '=a
--- ```
---@param path string
---@param headers string[]
---@param rows table[]|fun(): table|nil
---@param options? sheet.csv_options
function sheet.write_csv(path, headers, rows, options) end

return sheet
