--- Lua 5.4 text to a tree, each node with its line. Only for text that Lua itself has compiled: nothing is checked.
---
--- Expressions have the kinds name string number nil true false vararg index call method function table binary unary;
--- statements local assign expression block while repeat if for function return break goto label.
local parse = {}

-- ---- Words

local KEYWORDS = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat return then true
until while]]):gmatch "%a+" do
  KEYWORDS[word] = true
end

local SIGNS = { -- longest first
  "...", "<<", ">>", "//", "==", "~=", "<=", ">=", "::", "..", "+", "-", "*", "/", "%", "^", "#", "&", "~", "|", "<",
  ">", "=", "(", ")", "{", "}", "[", "]", ";", ":", ",", ".",
}

local ESCAPES = { a = "\a", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", v = "\v" }

local function count_lines(text, first, last)
  return select(2, text:sub(first, last):gsub("\n", ""))
end

-- The value of a quoted text between its quotes.
local function unquoted(body)
  local out = body:gsub("\\(z%s*)", ""):gsub("\\x(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
  out = out:gsub("\\u{(%x+)}", function(hex) return utf8.char(tonumber(hex, 16)) end)
  out = out:gsub("\\(%d%d?%d?)", function(digits) return string.char(tonumber(digits)) end)
  return (out:gsub("\\([^%d])", function(c) return ESCAPES[c] or c end))
end

-- Where a quoted text that begins at `at` ends.
local function quote_end(text, at)
  local quote, i = text:sub(at, at), at + 1
  while true do
    local c = text:sub(i, i)
    if c == "\\" then
      i = i + 2
    elseif c == quote or c == "" then
      return i
    else
      i = i + 1
    end
  end
end

-- Reads one word at `at`: its kind, value, and where the next begins.
local function word_at(text, at)
  local name = text:match("^[%a_][%w_]*", at)
  if name then return KEYWORDS[name] and name or "name", name, at + #name end
  local number = text:match("^0[xX][%x.]*[pP]?[+-]?[%x]*", at) or text:match("^%d*%.?%d+[eE][+-]?%d+", at)
    or text:match("^%d+%.?%d*[eE][+-]?%d+", at) or text:match("^%d+%.?%d*", at) or text:match("^%.%d+", at)
  if number then return "number", number, at + #number end
  local level = text:match("^%[(=*)%[", at)
  if level then
    local close = "]" .. level .. "]"
    local _, last = text:find(close, at, true)
    local body = text:sub(at + #level + 2, last - #close):gsub("^\n", "")
    return "string", body, last + 1
  end
  local c = text:sub(at, at)
  if c == '"' or c == "'" then
    local last = quote_end(text, at)
    return "string", unquoted(text:sub(at + 1, last - 1)), last + 1
  end
  for _, sign in ipairs(SIGNS) do
    if text:sub(at, at + #sign - 1) == sign then return sign, sign, at + #sign end
  end
  return "end of file", "", #text + 1
end

-- Passes over blanks and comments.
local function next_word(text, at)
  while true do
    local blank = text:match("^%s+", at)
    if blank then
      at = at + #blank
    elseif text:sub(at, at + 1) == "--" then
      local level = text:match("^%-%-%[(=*)%[", at)
      local _, last = text:find(level and "]" .. level .. "]" or "\n", at, true)
      at = (last or #text) + 1
    else
      return at
    end
  end
end

local function words_of(text)
  if text:sub(1, 1) == "#" then text = "--" .. text end
  local words, at, line, seen = {}, 1, 1, 1
  while true do
    at = next_word(text, at)
    line, seen = line + count_lines(text, seen, at - 1), at
    if at > #text then break end
    local kind, value, after = word_at(text, at)
    table.insert(words, { kind = kind, value = value, line = line })
    at = after
  end
  table.insert(words, { kind = "end of file", value = "", line = line })
  return words
end

-- ---- Reading

---@class parse.reader
local reader = {}
reader.__index = reader

function reader:peek(kind)
  return self.words[self.at].kind == kind
end

function reader:take(kind)
  local word = self.words[self.at]
  if kind and word.kind ~= kind then return nil end
  self.at = self.at + 1
  return word
end

function reader:line()
  return self.words[self.at].line
end

-- ---- Expressions

local BINARY = { -- left and right priority, as Lua's own lparser.c
  ["or"] = { 1, 1 }, ["and"] = { 2, 2 }, ["<"] = { 3, 3 }, [">"] = { 3, 3 }, ["<="] = { 3, 3 }, [">="] = { 3, 3 },
  ["~="] = { 3, 3 }, ["=="] = { 3, 3 }, ["|"] = { 4, 4 }, ["~"] = { 5, 5 }, ["&"] = { 6, 6 }, ["<<"] = { 7, 7 },
  [">>"] = { 7, 7 }, [".."] = { 9, 8 }, ["+"] = { 10, 10 }, ["-"] = { 10, 10 }, ["*"] = { 11, 11 }, ["/"] = { 11, 11 },
  ["//"] = { 11, 11 }, ["%"] = { 11, 11 }, ["^"] = { 14, 13 },
}
local UNARY = { ["not"] = true, ["-"] = true, ["~"] = true, ["#"] = true }
local UNARY_PRIORITY = 12

local SIMPLE = { ["nil"] = "nil", ["true"] = "true", ["false"] = "false", ["..."] = "vararg" }

function reader:expressions()
  local list = { self:expression(0) }
  while self:take "," do table.insert(list, self:expression(0)) end
  return list
end

function reader:table_item()
  local line = self:line()
  if self:take "[" then
    local key = self:expression(0)
    self:take "]"
    self:take "="
    return { key = key, value = self:expression(0), line = line }
  end
  local following = self.words[self.at + 1]
  if self:peek "name" and following.kind == "=" then
    local name = self:take "name".value
    self:take "="
    return { name = name, value = self:expression(0), line = line }
  end
  return { value = self:expression(0), line = line }
end

function reader:table()
  local node = { kind = "table", line = self:line(), items = {} }
  self:take "{"
  while not self:peek "}" do
    table.insert(node.items, self:table_item())
    if not (self:take "," or self:take ";") then break end
  end
  self:take "}"
  return node
end

function reader:function_body(line, method)
  local node = { kind = "function", line = line, parameters = {}, method = method }
  self:take "("
  while not self:peek ")" do
    if self:take "..." then
      node.vararg = true
    else
      table.insert(node.parameters, { name = self:take "name".value, line = self:line() })
    end
    self:take ","
  end
  self:take ")"
  node.body = self:block()
  self:take "end"
  return node
end

function reader:arguments()
  if self:peek "string" then
    return { { kind = "string", line = self:line(), value = self:take "string".value } }
  elseif self:peek "{" then
    return { self:table() }
  end
  self:take "("
  local list = self:peek ")" and {} or self:expressions()
  self:take ")"
  return list
end

function reader:primary()
  local word = self:take()
  if word.kind == "(" then
    local inner = self:expression(0)
    self:take ")"
    return inner
  end
  return { kind = "name", line = word.line, name = word.value }
end

-- A name, then dots, brackets, calls.
function reader:suffixed()
  local node = self:primary()
  while true do
    local line = self:line()
    if self:take "." then
      local key = { kind = "string", line = line, value = self:take().value }
      node = { kind = "index", line = line, object = node, key = key }
    elseif self:take "[" then
      node = { kind = "index", line = line, object = node, key = self:expression(0) }
      self:take "]"
    elseif self:take ":" then
      local name = self:take "name".value
      node = { kind = "method", line = line, object = node, name = name, arguments = self:arguments() }
    elseif self:peek "(" or self:peek "string" or self:peek "{" then
      node = { kind = "call", line = line, called = node, arguments = self:arguments() }
    else
      return node
    end
  end
end

function reader:simple()
  local line = self:line()
  for sign, kind in pairs(SIMPLE) do
    if self:take(sign) then return { kind = kind, line = line } end
  end
  if self:peek "number" or self:peek "string" then
    local word = self:take()
    return { kind = word.kind, line = line, value = word.value }
  elseif self:peek "{" then
    return self:table()
  elseif self:take "function" then
    return self:function_body(line)
  end
  return self:suffixed()
end

function reader:unary()
  local word = self:take()
  return { kind = "unary", line = word.line, sign = word.kind, operand = self:expression(UNARY_PRIORITY) }
end

function reader:expression(limit)
  local node = UNARY[self.words[self.at].kind] and self:unary() or self:simple()
  local operator = BINARY[self.words[self.at].kind]
  while operator and operator[1] > limit do
    local word = self:take()
    node = { kind = "binary", line = word.line, sign = word.kind, left = node, right = self:expression(operator[2]) }
    operator = BINARY[self.words[self.at].kind]
  end
  return node
end

-- ---- Statements

local BLOCK_ENDS = { ["end of file"] = true, ["end"] = true, ["else"] = true, ["elseif"] = true, ["until"] = true }

local statements = {}

statements["if"] = function(self, node)
  node.clauses = {}
  repeat
    local condition = self:expression(0)
    self:take "then"
    table.insert(node.clauses, { condition = condition, body = self:block() })
  until not self:take "elseif"
  if self:take "else" then node.otherwise = self:block() end
  self:take "end"
end

statements["while"] = function(self, node)
  node.condition = self:expression(0)
  self:take "do"
  node.body = self:block()
  self:take "end"
end

statements["do"] = function(self, node)
  node.kind, node.body = "block", self:block()
  self:take "end"
end

statements["repeat"] = function(self, node)
  node.body = self:block()
  self:take "until"
  node.condition = self:expression(0)
end

statements["for"] = function(self, node)
  node.names = {}
  repeat
    table.insert(node.names, { name = self:take "name".value, line = node.line })
  until not self:take ","
  if not self:take "=" then self:take "in" end
  node.values = self:expressions()
  self:take "do"
  node.body = self:block()
  self:take "end"
end

statements["function"] = function(self, node)
  local target = { kind = "name", line = node.line, name = self:take "name".value }
  local method = false
  while self:peek "." or self:peek ":" do
    method = self:take().kind == ":"
    local line = self:line()
    local key = { kind = "string", line = line, value = self:take "name".value }
    target = { kind = "index", line = line, object = target, key = key }
  end
  node.target, node.value = target, self:function_body(node.line, method)
end

statements["local"] = function(self, node)
  if self:take "function" then
    node.names = { { name = self:take "name".value, line = node.line } }
    node.recursive = true
    node.values = { self:function_body(node.line) }
    return
  end
  node.names, node.values = {}, {}
  repeat
    local variable = { name = self:take "name".value, line = self:line() }
    if self:take "<" then
      variable.attribute = self:take "name".value
      self:take ">"
    end
    table.insert(node.names, variable)
  until not self:take ","
  if self:take "=" then node.values = self:expressions() end
end

statements["return"] = function(self, node)
  node.values = (BLOCK_ENDS[self.words[self.at].kind] or self:peek ";") and {} or self:expressions()
end

statements["break"] = function() end

statements["goto"] = function(self, node)
  node.name = self:take "name".value
end

statements["::"] = function(self, node)
  node.kind, node.name = "label", self:take "name".value
  self:take "::"
end

function reader:statement()
  local word = self.words[self.at]
  local read = statements[word.kind]
  local node = { kind = word.kind, line = word.line }
  if read then
    self:take()
    read(self, node)
    return node
  end
  local first = self:suffixed()
  if not (self:peek "=" or self:peek ",") then return { kind = "expression", line = word.line, value = first } end
  node.kind, node.targets = "assign", { first }
  while self:take "," do table.insert(node.targets, self:suffixed()) end
  self:take "="
  node.values = self:expressions()
  return node
end

function reader:block()
  local list = {}
  while true do
    while self:take ";" do end
    if BLOCK_ENDS[self.words[self.at].kind] then return list end
    table.insert(list, self:statement())
  end
end

--- The statements of a file.
---@param text string
---@return table[]
function parse.file(text)
  return setmetatable({ words = words_of(text), at = 1 }, reader):block()
end

return parse
