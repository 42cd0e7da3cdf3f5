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
---@field quote? string|false one letter, or false: quotes are letters like others. `"`, or `'` where the file shows it
---@field escape? string what makes a quote inside quotes a letter; without it, it is doubled
---@field comment? string lines that begin so are left out
---@field decimal? ","|"." which sign parts the decimals; the other one, blanks and `'` may stand between thousands
---@field strict? boolean true when not given: what is damaged raises, with its line (a quote that never closes, zero
--- bytes, bytes outside the encoding, cells beyond the header, a last row that is cut off). false: the file is read as
--- far as it goes; `rows:problems()` and the log tell. Rows that are shorter than the header are read in both cases,
--- and told in the same way

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
---@field header? boolean|integer true (when not given): the first row that is not empty names the columns, in CSV
--- below the lines of a title; 5: row 5 does; false: rows are lists
---@field from? integer rows above this one are passed over
---@field columns? table the columns that are wanted: `{ "Invoice", "Sum" }`, or names of your own with those that the
--- file may have: `{ Invoice = { "Lasku nro", "Invoice no" }, Note = { optional = true } }`. All when not given
---@field types? table<string|integer, sheet.type> by column; "formula" is the formula's text
---@field hidden? boolean false: hidden rows are passed over, filtered ones among them. true when not given
---@field reuse? boolean each row comes in the same table, for very large files: what is kept of a row must be copied
--- out of it. Without it, each row is a table of its own

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

--- What was found, in one line: format and macros, which are never run; for CSV the encoding, delimiter, quotes other
--- than `"`, where the header is when it is not on line 1, decimal mark and thousands.
---
--- ```lua
--- text.write("describe.csv", "sep=|\nid|sum\n1|2 000,50\n")
--- sheet.open("describe.csv"):describe()
---   --> csv, utf-8, delimiter |, header on line 2, decimal comma, thousands space
--- ```
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

--- What was wrong in a CSV file, as far as it was read; the first hundred, and how many there are. `kind` is "open
--- quote", "stray quote", "zero byte", "bytes outside the encoding", "short row", "long row" or "cut off". When all
--- rows are read and there were any, the run's log has a warning, too.
---
--- ```lua
--- text.write("problems.csv", "id;sum\n1;2\n3\n4;5\n")
--- local rows = sheet.open("problems.csv"):rows()
--- for row in rows do assert(row.id) end
--- rows:problems()[1].kind  --> short row
--- rows:problems()[1].line  --> 3
--- ```
---@return { kind: string, line: integer }[]
---@return integer count
function read_rows:problems() end

---@class sheet.properties
---@field title? string
---@field subject? string
---@field author? string
---@field manager? string
---@field company? string
---@field category? string
---@field keywords? string
---@field comments? string

--- Begins a workbook. It stands under its name when it is closed: by `close`, by `run:attach`, or at the end of the
--- scope of a variable that is `<close>`. What was not closed leaves no file, and a file that is there stays as it is
--- until the new one is whole.
---
--- ```lua
--- local report = sheet.create("create.xlsx", { title = "Invoices" })
--- report:table("Invoices", { "Invoice", "Sum" }, { { "A-1", decimal "12.30" }, { "A-2", decimal "7.70" } })
--- report:close()
--- sheet.open("create.xlsx"):cell "B3"  --> 7.7
--- ```
---
--- What becomes of values:
---
--- - Text is text, whatever it looks like: `=1+1`, `+358 40` and `https://…` are written as they are. Formulas are
---   written by `sheet.formula`, links by `sheet.link`.
--- - Decimals and numbers are numbers with all their digits. A cell keeps 15; a longer one is written as text. A whole
---   number is then most likely a reference; one with a fraction is marked as a warning, since no sum will have it. In
---   a column that is added up (`totals`) it raises.
--- - Dates are dates; those before 1900, which Excel doesn't know, are text.
--- - Text over 32,767 letters, a row beyond 1,048,576, and a page name over 31 letters, with one of `[]:*?/\` or taken
---   in capitals or small letters raise.
---@param path string ends with .xlsx
---@param properties? sheet.properties
---@return sheet.report
function sheet.create(path, properties) end

--- How cells look, by what they mean. Several are told with blanks between: `"money warning"`. Number formats are those
--- of the reader's own country: a Finnish Excel shows 1 234,50.
---@alias sheet.format
---| "general"
---| "text"
---| "integer"  # 1 234
---| "number"   # 1 234,5
---| "money"    # 1 234,50, negative in red
---| "euro"     # 1 234,50 €
---| "percent"  # 12,5 % of 0.125
---| "date"     # 1.2.2026
---| "moment"   # 1.2.2026 18:00
---| "time"     # 18:00
---| "duration" # 26:30
---| "title"
---| "header"
---| "total"
---| "row"      # among the rows of a table
---| "bold"
---| "italic"
---| "good"     # green
---| "warning"  # yellow
---| "bad"      # red
---| "note"     # of less weight: grey
---| "input"    # for a person to fill in; not locked on a protected page
---| "link"
---| "left"
---| "center"
---| "right"
---| "wrap"     # long text in several lines
---| string     # several of them, or a format code such as "0.000"

---@class sheet.report
local report = {}

---@class sheet.table_rule: sheet.rule
---@field column? string header of the column; all columns when not given

---@class sheet.table_options
---@field title? string stands above the headers
---@field subtitle? string stands below the title
---@field formats? table<string|integer, sheet.format> by header or place; by the values when not given: decimals
--- with two places are money
---@field widths? table<string|integer, number> in characters; by the content when not given
---@field totals? string[]|table<string, "sum"|"average"|"count"|"min"|"max"> headers of the columns that are added up
--- below, or what is computed for each. The totals follow the filter
---@field rules? sheet.table_rule[] how cells look by what they hold; see `page:rule`
---@field entries? table<string|integer, sheet.entry> what may be typed into a column; see `page:entry`
---@field freeze? boolean the headers stay in sight; true when not given
---@field filter? boolean arrows for choosing rows; true when not given
---@field table? boolean a table of Excel's, with stripes and a name; true when not given. Headers that come twice make
--- it a plain range
---@field name? string the table's name; the page's when not given
---@field landscape? boolean for print; true for more than six columns

--- Writes a table on a page of its own, or below what is on that page already. A row is a list in the order of the
--- headers, or a table by them. Rows may be a list, or anything that gives one a call, such as the rows of another
--- workbook: then memory does not grow with them.
---
--- ```lua
--- local report = sheet.create "table.xlsx"
--- local rows = { { "a", decimal "-1.10" }, { Sum = decimal "2.20" } }
--- report:table("Sums", { "Name", "Sum" }, rows, {
---   totals = { "Sum" },
---   rules = { { column = "Sum", when = "<", value = 0, format = "bad" } },
--- })
--- report:close()
--- sheet.open("table.xlsx"):cell "B4"  --> 1.1
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

--- The last row that has a cell; 0 on an empty page.
---@return integer
function written_page:last_row() end

--- Writes a value: text, number, decimal, boolean, date, moment, or what `sheet.formula`, `sheet.link` or
--- `sheet.styled` gives. On a page that `report:table` made, rows are written from top to bottom.
---
--- ```lua
--- local report = sheet.create "cell.xlsx"
--- report:page("Notes"):cell("A1", "=1+1"):cell("A2", decimal "12.50", "euro bold"):cell("A3", date(2026, 1, 31))
--- report:close()
--- sheet.open("cell.xlsx"):cell "A1"  --> =1+1
--- ```
---@param cell string `"B7"`
---@param value any
---@param format? sheet.format
---@return sheet.written_page
function written_page:cell(cell, value, format) end

--- Writes rows of values, from that cell on.
---
--- ```lua
--- local report = sheet.create "range.xlsx"
--- report:page("Notes"):range("B2", { { "a", 1 }, { "b", 2 } })
--- report:close()
--- sheet.open("range.xlsx"):cell "C3"  --> 2
--- ```
---@param cell string its upper left corner
---@param rows any[][]
---@param format? sheet.format
---@return sheet.written_page
function written_page:range(cell, rows, format) end

---@class sheet.column_options
---@field width? number in characters; by the content when not given
---@field format? sheet.format of cells that have none
---@field hidden? boolean
---@field level? integer 1 to 7: folds away with its neighbours of that level
---@field folded? boolean the columns before it are folded away (hide them too)

---@param column string `"B"` or `"B:D"`
---@param options sheet.column_options
---@return sheet.written_page
function written_page:column(column, options) end

---@class sheet.row_options
---@field height? number in points; by the content when not given
---@field format? sheet.format
---@field hidden? boolean
---@field level? integer
---@field folded? boolean

--- ```lua
--- local report = sheet.create "row.xlsx"
--- local page = report:page "Notes"
--- page:row("2:3", { level = 1, hidden = true }):row(4, { folded = true })
--- page:column("B:C", { width = 20 })
--- report:close()
--- ```
---@param row integer|string `5` or `"5:9"`
---@param options sheet.row_options
---@return sheet.written_page
function written_page:row(row, options) end

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

--- A word to a cell, shown when the pointer is over it.
---@param cell string
---@param text string
---@param author? string
---@return sheet.written_page
function written_page:note(cell, text, author) end

---@class sheet.view_options
---@field hidden? boolean
---@field active? boolean the page that is shown when the workbook is opened
---@field gridlines? boolean true when not given
---@field zoom? integer percent
---@field colour? string of the tab, `"#0000BF"`

---@param options sheet.view_options
---@return sheet.written_page
function written_page:view(options) end

---@class sheet.rule
---@field when string `"<" "<=" ">" ">=" "=" "~="`, `"between"` and `"not between"` (`value` and `upper`), `"contains"`,
--- `"does not contain"`, `"begins with"`, `"ends with"`, `"duplicate"`, `"unique"`, `"top"` and `"bottom"` (so many),
--- `"above average"`, `"below average"`, `"blank"`, `"not blank"`, `"error"`, `"formula"`, `"colours"`, `"bars"`,
--- `"icons"`, `"yesterday"`, `"today"`, `"tomorrow"`, `"last 7 days"`, `"last week"`, `"this week"`, `"next week"`,
--- `"last month"`, `"this month"`, `"next month"`
---@field value? any text, number, decimal, date or `sheet.formula`
---@field upper? any the other end of `"between"`
---@field format? sheet.format
---@field colours? string[] from the least to the most for `"colours"`, two or three; one for `"bars"`
---@field stop? boolean further rules don't count where this one holds

---@class sheet.page_rule: sheet.rule
---@field range string

--- How cells look by what they hold, now and after people change them: Excel's conditional format.
---
--- ```lua
--- local report = sheet.create "rule.xlsx"
--- local page = report:page("Sums"):range("A1", { { 5, -1 }, { 7, 5 } })
--- page:rule { range = "A1:B2", when = "<", value = 0, format = "bad" }
--- page:rule { range = "A1:B2", when = "duplicate", format = "warning" }
--- page:rule { range = "A1:B2", when = "colours", colours = { "#FFFFFF", "#0000BF" } }
--- report:close()
--- ```
---@param rule sheet.page_rule
---@return sheet.written_page
function written_page:rule(rule) end

---@class sheet.entry
---@field list? string[] the choices, 255 letters together
---@field from? string where the choices stand: `"Choices!A1:A20"`
---@field type? "list"|"integer"|"number"|"date"|"length"|"formula"|"any" `"list"` where there are choices
---@field when? string `"<"` to `"not between"`, as for a rule; `"between"` when not given
---@field value? any
---@field upper? any
---@field title? string of the message
---@field message? string shown when the cell is chosen
---@field error_title? string
---@field error? string shown when something else is typed
---@field warning? boolean something else is possible after a question; false when not given
---@field required? boolean the cell must not be emptied; false when not given

--- What may be typed into cells, with a list to choose from where there are choices.
---
--- ```lua
--- local report = sheet.create "entry.xlsx"
--- local page = report:page("Form"):cell("A1", "open", "input"):cell("A2", 1, "input")
--- page:entry("A1", { list = { "open", "done" }, message = "Is it done?" })
--- page:entry("A2", { type = "integer", value = 1, upper = 10, error = "From 1 to 10" })
--- page:protect()
--- report:close()
--- ```
---@param range string
---@param entry sheet.entry
---@return sheet.written_page
function written_page:entry(range, entry) end

---@class sheet.paper_edge
---@field left? string `{page}`, `{pages}`, `{file}`, `{sheet}`, `{date}` and `{time}` are filled in
---@field center? string
---@field right? string

---@class sheet.paper
---@field landscape? boolean false when not given
---@field paper? "a4"|"a3"|"a5"|"letter" a4 when not given
---@field fit? boolean as wide as the paper; true when not given
---@field tall? integer on so many sheets of paper at most
---@field repeat_rows? string `"1:3"`: at the head of each sheet of paper
---@field area? string what is printed; all when not given
---@field header? string|sheet.paper_edge a text stands in the middle
---@field footer? string|sheet.paper_edge file, page and number when not given
---@field center? boolean false when not given
---@field margins? { left?: number, right?: number, top?: number, bottom?: number } in centimetres

--- How the page is printed. What isn't told is as usual: A4, as wide as the paper.
---
--- ```lua
--- local report = sheet.create "print.xlsx"
--- local page = report:table("Sums", { "Name", "Sum" }, { { "a", 1 } })
--- page:print { landscape = true, repeat_rows = "1", header = "Month end", footer = { right = "{page} / {pages}" } }
--- report:close()
--- ```
---@param paper sheet.paper
---@return sheet.written_page
function written_page:print(paper) end

---@class sheet.protection
---@field password? string
---@field sort? boolean people may sort; false when not given, as all of these
---@field filter? boolean
---@field format? boolean
---@field insert_rows? boolean
---@field delete_rows? boolean

--- Only cells of the style `input` can be changed. This keeps from slips, not from people: a password of a page is no
--- secret to those who want to know it.
---@param protection? sheet.protection
---@return sheet.written_page
function written_page:protect(protection) end

---@class sheet.chart_series
---@field values string a range, `"B2:B20"` or `"Page!B2:B20"`
---@field categories? string
---@field name? string the cell above the values when not given
---@field colour? string `"#0000BF"`

---@class sheet.chart
---@field type? "column"|"stacked column"|"bar"|"stacked bar"|"line"|"area"|"stacked area"|"pie"|"doughnut"|"scatter"
--- column when not given
---@field values? string a range; or `series`
---@field series? sheet.chart_series[]
---@field categories? string a range
---@field name? string of the one series; the cell above its values when not given
---@field colour? string of the one series
---@field title? string
---@field x_title? string
---@field y_title? string
---@field x_format? string a format code for the numbers of the axis, such as `"#,##0"`
---@field y_format? string
---@field at? string its upper left corner; `"F2"` when not given
---@field page? string where the ranges are; this page when not given
---@field width? integer in pixels; 480 when not given
---@field height? integer in pixels; 288 when not given
---@field labels? boolean the values stand beside their points; false when not given
---@field legend? boolean true when not given, for several series or the parts of a pie

--- ```lua
--- local report = sheet.create "chart.xlsx"
--- local page = report:table("Sums", { "Name", "Sum" }, { { "a", 1 }, { "b", 2 } })
--- page:chart { type = "column", categories = "A2:A3", values = "B2:B3", title = "Sums", at = "D2" }
--- report:close()
--- ```
---@param chart sheet.chart
---@return sheet.written_page
function written_page:chart(chart) end

---@class sheet.image_options
---@field at? string its upper left corner; `"F2"` when not given
---@field width? integer in pixels; in proportion when only one is given
---@field height? integer
---@field description? string for those who can't see it

--- Puts a PNG or JPEG image of the run's folder over the cells; at most 10 MB.
---
--- ```lua
--- text.write("dot.png", "no picture")
--- local report = sheet.create "image.xlsx"
--- pcall(function() report:page("Notes"):image("dot.png", { at = "B2", width = 120 }) end)  --> false
--- ```
---@param path string
---@param options? sheet.image_options
---@return sheet.written_page
function written_page:image(path, options) end

---@class sheet.link
---@class sheet.styled

--- A link in a cell: to the web, to mail, or to a page that is there already (`"Findings"`, `"Findings!B7"`).
---
--- ```lua
--- tostring(sheet.link("https://example.org/", "The example"))  --> The example
--- ```
---@param target string
---@param text? string what is shown; the target when not given
---@return sheet.link
function sheet.link(target, text) end

--- A value with a look of its own, among the rows of a table.
---
--- ```lua
--- tostring(sheet.styled("late", "warning"))  --> late
--- ```
---@param value any
---@param format sheet.format
---@return sheet.styled
function sheet.styled(value, format) end

---@class sheet.update_options
---@field as? string the name of the new workbook; ends as the template's name does. When not given, the template
--- itself is replaced

--- Fills a workbook that a person designed: values go into its cells, ranges and tables, and everything else stays as
--- it is, byte for byte: styles, formulas, charts, pivot tables, macros, pictures, print setup. It stands under its
--- name when it is closed: by `close`, by `run:attach`, or at the end of the scope of a variable that is `<close>`;
--- what was not closed leaves no file.
---
--- ```lua
--- local design = sheet.create "design.xlsx"
--- design:page("Summary"):cell("A1", "Sum"):cell("B1", 0, "money"):cell("B2", sheet.formula "=B1*2")
--- design:close()
---
--- local report = sheet.update("design.xlsx", { as = "filled.xlsx" })
--- report:cell("Summary!B1", decimal "12.50")
--- report:close()
--- sheet.open("filled.xlsx"):cell "B1"     --> 12.5
--- sheet.open("filled.xlsx"):formula "B2"  --> =B1*2
--- ```
---
--- Values are those of `sheet.create`: text (never a formula by its looks), numbers, decimals, booleans, dates,
--- moments, `sheet.formula`; nil empties the cell. A cell keeps its style; a date in a cell that shows numbers gets
--- a date's. Formulas are computed when the workbook is opened in a spreadsheet program. Until then those that read
--- something new have no result (here they are nil), so nobody takes an old one for the new.
---
--- Only .xlsx and .xlsm can be filled; templates (.xltx, .xltm) become such. A workbook with a digital signature is
--- refused. A page's content may be 64 MB unpacked.
---@param path string
---@param options? sheet.update_options
---@return sheet.template
function sheet.update(path, options) end

---@class sheet.template
local template = {}

--- Puts a value into a cell: `"B7"` of the first visible page, `"Summary!B7"`, `"'My page'!B7"`, or a cell that the
--- workbook gives a name to. Cells that others cover by being merged, parts of an array formula and headings of a
--- table
--- raise.
---@param cell string
---@param value any nil empties it
---@return sheet.template
function template:cell(cell, value) end

--- Fills a range, by reference or by name, with rows of values; what is left of the range is emptied, and more than
--- it
--- holds raises. From a single cell on, rows take the room they need.
---
--- ```lua
--- local design = sheet.create "lines.xlsx"
--- design:page("Lines"):cell("A1", "old"):cell("B3", "old")
--- design:close()
---
--- local report = sheet.update "lines.xlsx"
--- report:range("A1:B3", { { "a", 1 }, { "b", 2 } })
--- report:close()
--- sheet.open("lines.xlsx"):cell "B2"  --> 2
--- sheet.open("lines.xlsx"):cell "B3"  --> nil
--- ```
---@param range string
---@param rows any[][]|fun(): any[]|nil
---@return sheet.template
function template:range(range, rows) end

---@class sheet.fill_options
---@field append? boolean true: behind the rows that the table has. false when not given: in place of them

--- Fills a table (Insert, Table in Excel) by its name. A row is a list in the order of the columns, or a table by
--- their
--- headers; columns with formulas compute themselves unless the row has a value for them.
---
--- The table has as many rows then as it needs, one at least. New rows look like its last one; totals and what stands
--- below move down, whole rows at a time, and formulas, names, charts, conditional formats and validations that
--- reached
--- over all its rows still do. Rows that are too many are taken out; where something stands beside them or a formula
--- speaks of one of them, they stay, empty. When something beside the table reaches over the place, it raises and
--- names it.
---
--- ```lua
--- local design = sheet.create "table-design.xlsx"
--- design:table("Invoices", { "Invoice", "Sum" }, { { "example", decimal "1.00" } }, { name = "Invoices" })
--- design:close()
---
--- local report = sheet.update("table-design.xlsx", { as = "month.xlsx" })
--- report:table("Invoices", { { Invoice = "A-1", Sum = decimal "12.30" }, { Invoice = "A-2" } })
--- report:table("Invoices", { { "A-3", decimal "7.70" } }, { append = true })
--- report:close()
--- sheet.open("month.xlsx"):table("Invoices")().Sum  --> 12.3
--- sheet.open("month.xlsx"):cell "A4"                --> A-3
--- ```
---@param name string
---@param rows table[]|fun(): table|nil
---@param options? sheet.fill_options
---@return sheet.template
function template:table(name, rows, options) end

--- A page by its name or its place.
---@param page string|integer
---@return sheet.template_page
function template:page(page) end

--- Writes the file. Further calls do nothing.
function template:close() end

--- The name under which it is saved.
---@return string
function template:path() end

---@class sheet.template_page
local template_page = {}

---@return string
function template_page:name() end

--- As `template:cell`; references without a page mean this one.
---@param cell string
---@param value any
---@return sheet.template_page
function template_page:cell(cell, value) end

--- As `template:range`; references without a page mean this one.
---@param range string
---@param rows any[][]|fun(): any[]|nil
---@return sheet.template_page
function template_page:range(range, rows) end

---@class sheet.compare_options
---@field key? string|string[] the column, or the columns together, by which rows are matched. When not given, the
--- first row is compared with the first, the second with the second
---@field columns? string[] only these are compared (the key aside)
---@field ignore? string[] these are not
---@field tolerance? decimal|integer numbers that are no further apart are the same; 0 when not given
---@field trim? boolean true: blanks around texts do not count. false when not given
---@field ignore_case? boolean true: capital letters do not count. false when not given
---@field page? string|integer the page of both files; the first visible one when not given
---@field header? boolean|integer as for `rows`
---@field types? table<string|integer, sheet.type> as for `rows`: what the texts of a CSV file are

--- What differs between two sides: paths, workbooks, pages, rows of `rows`, or lists of rows. `a` is the one before,
--- `b` the one after.
---
--- ```lua
--- local before = { { Invoice = "A-1", Sum = decimal "12.30" }, { Invoice = "A-2", Sum = 5 } }
--- local after = { { Invoice = "A-2", Sum = 6 }, { Invoice = "A-1", Sum = decimal "12.3" }, { Invoice = "A-3" } }
--- local difference = sheet.compare(before, after, { key = "Invoice" })
--- for _, change in ipairs(difference:changed()) do
---   for _, cell in ipairs(change.cells) do
---     print(change.key, cell.column, cell.old, cell.new)
---   end
--- end
--- difference:changed()[1].cells[1].new  --> 6
--- difference:count().added              --> 1
--- difference:added()[1].key             --> A-3
--- ```
---
--- Numbers are compared by what they are worth (12.3 is 12.30), dates by the day, texts letter by letter; an empty text
--- is an empty cell. In keys the number 4711 and the text "4711" are the same. Columns that only one side has are told
--- by `columns` and not compared. Rows whose key comes more than once are matched in their order, and told by
--- `duplicates`. The rows of `a` are kept in memory, and of `b` those that differ; at most 1048576 rows a side.
---@param a string|sheet.workbook|sheet.page|sheet.rows|table[]
---@param b string|sheet.workbook|sheet.page|sheet.rows|table[]
---@param options? sheet.compare_options
---@return sheet.difference
function sheet.compare(a, b, options) end

---@class sheet.change
---@field key string
---@field old_row integer its number in `a`
---@field row integer its number in `b`
---@field old table
---@field new table
---@field cells { column: string|integer, old: any, new: any }[]

---@class sheet.difference
local difference = {}

--- Rows that only `b` has: their key, their number, their values.
---@return { key: string, row: integer, values: table }[]
function difference:added() end

--- Rows that only `a` has.
---@return { key: string, row: integer, values: table }[]
function difference:removed() end

--- Rows that both have, with the cells that differ; `old` and `new` are the whole rows.
---@return sheet.change[]
function difference:changed() end

--- Keys that come more than once, the side ("a" or "b") and the numbers of their rows.
---@return { key: string, side: "a"|"b", rows: integer[] }[]
function difference:duplicates() end

--- Columns that only one side has.
---@return { added: string[], removed: string[] }
function difference:columns() end

---@return { added: integer, removed: integer, changed: integer, same: integer }
function difference:count() end

--- Whether nothing differs.
---@return boolean
function difference:is_same() end

--- Headers and rows for a report: one row for each cell that changed, and for each row that came or went.
---
--- ```lua
--- local difference = sheet.compare({ { No = 1, Sum = 5 } }, { { No = 1, Sum = 6 } }, { key = "No" })
--- local headers, rows = difference:table()
--- table.concat(headers, "|")  --> No|Change|Column|Before|After
--- rows[1][5]                  --> 6
--- ```
---@return string[] headers
---@return any[][] rows
function difference:table() end

--- Writes a workbook of the differences: a summary; the rows that differ, in full, added ones green, removed ones red,
--- changed cells yellow with the old value in a note; and a list of the cells.
---@param path string ends with .xlsx
function difference:save(path) end

---@class sheet.formula
---@class sheet.error
local error_value = {}

---@return string `"#N/A"`
function error_value:name() end

--- A formula, in English and with commas, as in an English Excel: `=SUM(A1:A9)`; a Finnish Excel shows it in Finnish.
--- `result` is what programs show that do not compute.
---
--- ```lua
--- tostring(sheet.formula("=SUM(A1:A9)"))  --> =SUM(A1:A9)
--- ```
---@param formula string
---@param result? decimal|integer|string
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

--- Writes a CSV file that a Finnish Excel opens rightly. Text that would be taken for a formula (it begins with = + -
--- @, tab or CR and is no number) gets a leading `'`; a machine that reads the file wants `raw = true`. Numbers and
--- decimals are written as they are. Rows may be a list, or anything that gives one a call: memory does not grow with
--- them. The file is there under its name when all of it is; an error on the way leaves none.
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
