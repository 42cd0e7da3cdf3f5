---@meta html
--- Pages of legacy systems: their tables, links and forms, read as browsers read them.
---
--- ```lua
--- local page = http.get("https://ledger.example/login"):html()
--- local form = page:form("login")
--- form.values.user = "clerk"
--- local answer = client:submit(form)
--- ```
---@class html
local html = {}

---@class html.parse_options
---@field url? string the address the page came from; links and forms are relative to it
---@field charset? string what the Content-Type header says; else the page's own word counts, else UTF-8 or windows-1252

--- Reads a page, whatever is wrong with it.
---
--- ```lua
--- html.parse("<title>Ledger</title>"):title()   --> Ledger
--- ```
---@param text string
---@param options? html.parse_options
---@return html.document
function html.parse(text, options) end

---@class html.document
local document = {}

--- The html element; nil for an empty page.
---
--- ```lua
--- html.parse("<p>x"):root():name()   --> html
--- ```
---@return xml.node?
function document:root() end

--- All nodes that an XPath finds. Names are in small letters and in no namespace.
---
--- ```lua
--- #html.parse("<TD>1<TD>2"):find("//td")   --> 2
--- ```
---@param xpath string
---@return xml.node[]
function document:find(xpath) end

--- The first node that an XPath finds, or nil.
---
--- ```lua
--- html.parse("<p id=total>12,30"):first("//*[@id='total']"):text()   --> 12,30
--- ```
---@param xpath string
---@return xml.node?
function document:first(xpath) end

--- The text of the first node, or what the expression comes to; nil: no node is found.
---
--- ```lua
--- html.parse("<p>1<p>2"):value("count(//p)")   --> 2
--- ```
---@param xpath string
---@return string|number|boolean|nil
function document:value(xpath) end

--- The title with white space collapsed, or nil.
---
--- ```lua
--- html.parse("<title>Purchase\n ledger</title>"):title()   --> Purchase ledger
--- ```
---@return string?
function document:title() end

--- All text of the page as people read it: white space collapsed, without scripts and styles.
---
--- ```lua
--- html.parse("<p>a<br>b"):text()   --> a b
--- ```
---@return string
function document:text() end

--- What the page was read as.
---
--- ```lua
--- html.parse("<p>x"):charset()   --> utf-8
--- ```
---@return string
function document:charset() end

---@class html.link
---@field url string the whole address
---@field href string as written
---@field text string

--- All links of the page.
---
--- ```lua
--- html.parse("<a href='?page=2'>Next</a>", { url = "https://x.example/list" }):links()[1].url
--- --> https://x.example/list?page=2
--- ```
---@return html.link[]
function document:links() end

---@class html.table
---@field caption string?
---@field header_rows integer how many rows at the top are headings
---@field nested_in integer? the number of the table around it
---@field rows string[][] a cell that spans columns or rows stands in each place it covers

--- All tables of the page, nested ones too.
---
--- ```lua
--- html.parse("<table><tr><th>Sum<tr><td>1</table>"):tables()[1].rows[2][1]   --> 1
--- ```
---@return html.table[]
function document:tables() end

--- One table, by its caption or number; the first when neither is given. Raises when there is none.
---
--- ```lua
--- html.parse("<table><caption>Dues</caption><tr><td>1</table>"):table("Dues").rows[1][1]   --> 1
--- ```
---@param which? string|integer
---@return html.table
function document:table(which) end

--- All forms of the page.
---
--- ```lua
--- #html.parse("<form></form><form></form>"):forms()   --> 2
--- ```
---@return html.form[]
function document:forms() end

--- One form, by its name, id or number; the first when none is given. Raises when there is none.
---
--- ```lua
--- html.parse("<form name=f></form>"):form("f"):name()   --> f
--- ```
---@param which? string|integer
---@return html.form
function document:form(which) end

--- A form to be filled in. `form.values.NAME` reads and sets a field: a text, true or false for a box to tick, a list
--- for fields that hold several values; a choice by its value or by the text that people see. A name that the form does
--- not have and a choice that the field does not offer raise, and say what there is.
---@class html.form
---@field values table<string, any>
local form = {}

--- The form's name, or nil.
---
--- ```lua
--- html.parse("<form name=f></form>"):form():name()   --> f
--- ```
---@return string?
function form:name() end

--- The form's id, or nil.
---
--- ```lua
--- html.parse("<form id=f></form>"):form():id()   --> f
--- ```
---@return string?
function form:id() end

---@class html.field
---@field name string?
---@field type string "text", "checkbox", "select", "textarea", "submit" …
---@field value string?
---@field text string? of a button
---@field checked boolean
---@field disabled boolean
---@field options { value: string, text: string, selected: boolean }[]? of a select

--- All fields in the order of the page, buttons too.
---
--- ```lua
--- html.parse("<form><input name=q></form>"):form():fields()[1].name   --> q
--- ```
---@return html.field[]
function form:fields() end

---@class html.request
---@field method "GET"|"POST"
---@field url string whole; for GET with the values in it
---@field multipart boolean sent as multipart/form-data
---@field form { [1]: string, [2]: string, file: boolean? }[]? pairs of name and value in the page's charset, ready to
--- be sent byte by byte; nil for GET. `file`: the value is the name of a file to send

--- What a browser would send when the button is pressed: the one called so, or the first, as the Enter key does.
---
--- ```lua
--- local page = html.parse("<form action=find><input name=q value='a b'></form>", { url = "https://x.example/" })
--- page:form():request().url   --> https://x.example/find?q=a+b
--- ```
---@param options? { button: string? }
---@return html.request
function form:request(options) end

return html
