---@meta xml
--- XML documents: read, asked by XPath, checked against a schema, built and written.
---
--- A DOCTYPE is refused, and nothing is ever loaded from files or the network. A document that is not well-formed, a
--- wrong XPath or a broken schema raises a fault that tells line and reason.
---
--- Names in XPath without a prefix mean "in no namespace". Most financial documents (camt, pain, UBL) have a namespace:
--- give it a prefix of your own, once for the document or in each question.
---
--- ```lua
--- local xml = require "xml"
--- local doc = xml.parse(text, { namespaces = { c = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02" } })
--- for _, entry in ipairs(doc:find("//c:Ntry")) do
---   local amount = decimal(entry:value("c:Amt"))
---   local currency = entry:first("c:Amt"):attribute("Ccy")   --> EUR
--- end
--- ```
---@class xml
local xml = {}

---@class xml.parse_options
---@field charset? string what the text is written in, when a header says so; else the document's own declaration counts
---@field namespaces? table<string, string> prefixes for the questions to this document
---@field ignore_namespaces? boolean every name is in no namespace: "//Ntry" finds it in every version of a format
---@field ignore_doctype? boolean pass over a DOCTYPE that only names a DTD, as Finvoice 1.x has it

--- Reads a document.
---
--- ```lua
--- xml.parse("<a><b>1</b></a>"):value("/a/b")   --> 1
--- ```
---@param text string
---@param options? xml.parse_options
---@return xml.document
function xml.parse(text, options) end

---@class xml.schema_options
---@field files? table<string, string> texts of the files that the schema includes, by name

--- Reads an XML Schema (XSD) once, to check many documents.
---
--- ```lua
--- local schema = xml.schema(text, { files = { ["types.xsd"] = types } })
--- xml.check(doc, schema)
--- ```
---@param text string
---@param options? xml.schema_options
---@return xml.schema
function xml.schema(text, options) end

---@class xml.fault
---@field line integer
---@field reason string

--- Everything in which a document breaks a schema, at most 200 places; an empty list when it is valid.
---
--- ```lua
--- for _, fault in ipairs(xml.validate(doc, schema)) do
---   run:exception("line %d: %s", fault.line, fault.reason)
--- end
--- ```
---@param document xml.document
---@param schema xml.schema|string
---@param options? xml.schema_options when schema is a text
---@return xml.fault[]
function xml.validate(document, schema, options) end

--- Raises a fault when the document breaks the schema; gives the document.
---
--- ```lua
--- local doc = xml.check(xml.parse(text), schema)
--- ```
---@param document xml.document
---@param schema xml.schema|string
---@param options? xml.schema_options
---@return xml.document
function xml.check(document, schema, options) end

--- Builds a document. An element is a table: its name first, then its texts and elements; its attributes by name.
--- Values are texts, whole numbers, true and false, decimals and dates; nil is left out. Attributes are written sorted
--- by name.
---
--- ```lua
--- xml.build({ "Invoice", xmlns = "urn:example", id = 7,
---   { "Total", currency = "EUR", decimal "12.30" },
--- }):written { declaration = false }
--- --> <Invoice xmlns="urn:example" id="7"><Total currency="EUR">12.30</Total></Invoice>
--- ```
---@param element table
---@return xml.document
function xml.build(element) end

---@class xml.schema
local schema = {}

---@class xml.document
local document = {}

--- The outermost element.
---
--- ```lua
--- xml.parse("<a/>"):root():name()   --> a
--- ```
---@return xml.node
function document:root() end

--- All nodes that an XPath 1.0 expression finds, in the order of the document.
---
--- ```lua
--- #doc:find("//s:Ntry", { s = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02" })   --> 3
--- ```
---@param xpath string
---@param namespaces? table<string, string> prefixes, besides those given with the document
---@return xml.node[]
function document:find(xpath, namespaces) end

--- The first node that an XPath finds, or nil.
---
--- ```lua
--- doc:first("//InvoiceNumber"):line()   --> 12
--- ```
---@param xpath string
---@param namespaces? table<string, string>
---@return xml.node?
function document:first(xpath, namespaces) end

--- The text of the first node, or what an expression comes to: a text, a number, true or false. nil: no node is found.
--- XPath computes with doubles: take amounts as text and make them decimals.
---
--- ```lua
--- doc:value("count(//row)")   --> 3
--- ```
---@param xpath string
---@param namespaces? table<string, string>
---@return string|number|boolean|nil
function document:value(xpath, namespaces) end

---@class xml.write_options
---@field encoding? string "UTF-8" (default), "ISO-8859-1" …; letters that it lacks are written as &#8364;
---@field indent? boolean an element a line, for people; false by default
---@field declaration? boolean <?xml version="1.0" encoding="…"?> at the top; true by default

--- The document as text.
---
--- ```lua
--- xml.parse("<a><b/></a>"):written { declaration = false }   --> <a><b/></a>
--- ```
---@param options? xml.write_options
---@return string
function document:written(options) end

--- An element, attribute or text of a document, XML or HTML.
---@class xml.node
local node = {}

--- The name without its prefix; "#text" for a text.
---
--- ```lua
--- xml.parse("<p:a xmlns:p='urn:x'/>"):root():name()   --> a
--- ```
---@return string
function node:name() end

--- The prefix, or nil.
---
--- ```lua
--- xml.parse("<p:a xmlns:p='urn:x'/>"):root():prefix()   --> p
--- ```
---@return string?
function node:prefix() end

--- The namespace that the name is in, or nil.
---
--- ```lua
--- xml.parse("<p:a xmlns:p='urn:x'/>"):root():namespace()   --> urn:x
--- ```
---@return string?
function node:namespace() end

--- The line of the document where it stands.
---
--- ```lua
--- xml.parse("<a>\n<b/></a>"):first("//b"):line()   --> 2
--- ```
---@return integer
function node:line() end

--- All text inside, as it is written.
---
--- ```lua
--- xml.parse("<a>x<b>y</b></a>"):root():text()   --> xy
--- ```
---@return string
function node:text() end

--- The value of an attribute, or nil.
---
--- ```lua
--- xml.parse("<a k='v'/>"):root():attribute("k")   --> v
--- ```
---@param name string without prefix
---@param namespace? string for attributes that have a prefix
---@return string?
function node:attribute(name, namespace) end

--- All attributes by name, with the prefix if they have one.
---
--- ```lua
--- xml.parse("<a k='v'/>"):root():attributes().k   --> v
--- ```
---@return table<string, string>
function node:attributes() end

--- The elements inside, or those of a name, whatever their namespace.
---
--- ```lua
--- #xml.parse("<a><b/><b/><c/></a>"):root():children("b")   --> 2
--- ```
---@param name? string
---@return xml.node[]
function node:children(name) end

--- The first element inside of that name, or nil.
---
--- ```lua
--- xml.parse("<a><b>1</b></a>"):root():child("b"):text()   --> 1
--- ```
---@param name string
---@return xml.node?
function node:child(name) end

--- The element around it, or nil for the outermost.
---
--- ```lua
--- xml.parse("<a><b/></a>"):first("//b"):parent():name()   --> a
--- ```
---@return xml.node?
function node:parent() end

--- The element with all inside it, as XML.
---
--- ```lua
--- xml.parse("<a><b k='v'/></a>"):first("//b"):written()   --> <b k="v"/>
--- ```
---@return string
function node:written() end

--- As document:find, seen from this node.
---
--- ```lua
--- #entry:find("c:NtryDtls/c:TxDtls")   --> 2
--- ```
---@param xpath string
---@param namespaces? table<string, string>
---@return xml.node[]
function node:find(xpath, namespaces) end

--- As document:first, seen from this node.
---
--- ```lua
--- entry:first("c:Amt"):attribute("Ccy")   --> EUR
--- ```
---@param xpath string
---@param namespaces? table<string, string>
---@return xml.node?
function node:first(xpath, namespaces) end

--- As document:value, seen from this node.
---
--- ```lua
--- entry:value("c:Amt")   --> 12.30
--- ```
---@param xpath string
---@param namespaces? table<string, string>
---@return string|number|boolean|nil
function node:value(xpath, namespaces) end

return xml
