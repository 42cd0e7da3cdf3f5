---@meta sheet

--- Spreadsheets: reads `.xlsx`, `.xlsm`, `.xls`, `.ods` and `.csv` exactly, writes workbooks that people are glad
--- to open.
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
--- (`sheet.is_error`). What people see as 25 % is the decimal 0.25 (`kind` tells). Cells of a CSV file are text until
--- `types` says more. For a formula the result that the file holds counts; `formula` tells its text.
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

--- Opens a workbook or a CSV file, whatever its name ends with. An encrypted workbook, an .xlsb, a PDF,
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

---@alias sheet.type "auto"|"text"|"decimal"|"integer"|"number"|"boolean"|"date"|"moment"|"formula"

---@class sheet.rows_options
---@field header? boolean|integer true (when not given): the first row that is not empty names the columns; 5: row 5
--- does; false: rows are lists
---@field from? integer rows above this one are passed over
---@field columns? table the columns that are wanted: `{ "Invoice", "Sum" }`, or names of your own with those that the
--- file may have: `{ Invoice = { "Lasku nro", "Invoice no" }, Note = { optional = true } }`. All when not given
---@field types? table<string|integer, sheet.type> by column; "formula" is the formula's text
---@field hidden? boolean false: hidden rows are passed over, filtered ones among them. true when not given

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

--- The rows of a table that the workbook names (in Excel: Insert, Table), without what stands around it and without
--- its totals. The options are those of `rows`; the table's own header names the columns. The table is found on any
--- page.
---
--- ```lua
--- for row in sheet.open("budget.xlsx"):table "Invoices" do print(row.Invoice) end
--- ```
---@param name string
---@param options? sheet.rows_options
---@return sheet.rows
function workbook:table(name, options) end

--- The value of one cell: of the first visible page, of another one (`"Totals!B7"`), or by the name that the workbook
--- gives it. A merged range is its first cell.
---
--- The first 16,384 cells of a page and the latest as many stay in memory, for four pages: a page of that size is
--- read once, whatever is asked for. In a larger one, a cell above those is read from the page's beginning: for many
--- cells all over a large page take `rows` or `range`.
---
--- ```lua
--- local report = sheet.create "cell.xlsx"
--- report:page("Totals"):cell("B7", decimal "12.30")
--- report:close()
--- sheet.open("cell.xlsx"):cell "Totals!B7"  --> 12.3
--- ```
---@param cell string `"B7"`, `"Totals!B7"`, `"Rate"`
---@return any
function workbook:cell(cell) end

--- A list of rows, each a list of values: `range[1][2]`. At most a million cells; whole columns and rows end with the
--- page.
---@param range string `"A1:D20"`, `"Totals!A1:D20"`, `"A:C"`, the name of a range or of a table
---@return any[][]
function workbook:range(range) end

--- The formula of a cell, in English as the file holds it: `"=SUM(A1:A9)"`. nil where there is none.
---@param cell string
---@return string|nil
function workbook:formula(cell) end

---@alias sheet.kind
---| "empty"
---| "text"
---| "number"
---| "percent"  # a number that people see as 25 %; its value is 0.25
---| "boolean"
---| "date"
---| "moment"   # a date with a time of day
---| "time"     # a time of day
---| "duration" # hours that may pass 24
---| "error"

--- What a cell holds, as people see it.
---@param cell string
---@return sheet.kind
function workbook:kind(cell) end

--- Whether people don't see the cell: its row, its column or its page is hidden.
---@param cell string
---@return boolean
function workbook:is_hidden(cell) end

--- Merged ranges: `{ "A1:C1", … }`. Only the first cell of each has content. The page is read once for it.
---@return string[]
function workbook:merged() end

--- `{ "3:3", "5:9", … }`
---@return string[]
function workbook:hidden_rows() end

--- `{ "B:B", "D:F", … }`
---@return string[]
function workbook:hidden_columns() end

---@class sheet.name
---@field name string
---@field refers_to string as the file has it: `"Totals!$B$7"`, or `"0.255"` where it is no range
---@field page? string of the range; nil where the name stands for something else
---@field range? string `"B7"`
---@field only_on? string the page on which the name holds; nil: everywhere
---@field hidden boolean made by a program, such as the range of a filter

--- The names that the workbook gives to cells, ranges and constants.
---@return sheet.name[]
function workbook:names() end

---@class sheet.named_table
---@field name string
---@field page string
---@field range string with header and totals: `"B3:D20"`
---@field columns string[]
---@field totals boolean whether its last row has totals

--- The tables of the workbook.
---@return sheet.named_table[]
function workbook:tables() end

--- What was found: format, macros, encoding, delimiter, decimal mark. Macros are never run.
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

--- A table on this page.
---@param name string
---@param options? sheet.rows_options
---@return sheet.rows
function read_page:table(name, options) end

--- A name that holds on this page alone comes before one of the workbook.
---@param cell string
---@return any
function read_page:cell(cell) end

---@param range string
---@return any[][]
function read_page:range(range) end

---@param cell string
---@return string|nil
function read_page:formula(cell) end

---@param cell string
---@return sheet.kind
function read_page:kind(cell) end

---@param cell string
---@return boolean
function read_page:is_hidden(cell) end

---@return string[]
function read_page:merged() end

---@return string[]
function read_page:hidden_rows() end

---@return string[]
function read_page:hidden_columns() end

--- The tables on this page.
---@return sheet.named_table[]
function read_page:tables() end

---@class sheet.rows
---@overload fun(): table, integer, integer
local read_rows = {}

--- About how many rows there are below the header, for a progress bar; nil when that is not known.
---@return integer|nil
function read_rows:count() end

--- The names of the columns.
---@return string[]
function read_rows:names() end

--- Whether the row that came last is hidden; of a hidden row all cells are read.
---@return boolean
function read_rows:hidden() end

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
