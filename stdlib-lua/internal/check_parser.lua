--- A Lua text as what the checks look at: its variables, and the expressions in which they are used, in order.
---
--- Names are looked up while reading, as Lua's own compiler does: an expression that names a variable holds that
--- variable. The text has passed Lua's loader before, which bounds how deep things stand inside each other; chains such
--- as a.b.c and a + b + c have no such bound, so an expression knows its `depth`, and who walks down stops in time.
---
--- An expression is a table { kind, line, depth } and, by kind:
---   nil true false vararg function
---   number text        value
---   local              variable
---   global             name; `hidden` where the robot has an _ENV of its own
---   index              object, key (an expression)
---   call               called, arguments
---   method             object, name, arguments
---   table              items, fields (name → expression), lines (name → line); `open` where a key is computed
---   binary             operator, left, right
---   unary              operator, operand
---   unknown            a value that nobody can tell: of a parameter, of a call's second result
--- `use` says what is done with it at once: "index", "method" or "call"; `first_of` is the variable that it begins.
local lexer = require "internal.check_lexer"

local parser = {}

-- Left and right priority of two-sided operators (reference manual, 3.4.8).
local PRIORITY = {
  ["or"] = { 1, 1 }, ["and"] = { 2, 2 },
  ["<"] = { 3, 3 }, [">"] = { 3, 3 }, ["<="] = { 3, 3 }, [">="] = { 3, 3 }, ["~="] = { 3, 3 }, ["=="] = { 3, 3 },
  ["|"] = { 4, 4 }, ["~"] = { 5, 5 }, ["&"] = { 6, 6 }, ["<<"] = { 7, 7 }, [">>"] = { 7, 7 },
  [".."] = { 9, 8 }, ["+"] = { 10, 10 }, ["-"] = { 10, 10 },
  ["*"] = { 11, 11 }, ["/"] = { 11, 11 }, ["//"] = { 11, 11 }, ["%"] = { 11, 11 }, ["^"] = { 14, 13 },
}
local UNARY_PRIORITY = 12
local UNARY = { ["not"] = true, ["-"] = true, ["#"] = true, ["~"] = true }
local BLOCK_ENDS = { ["end of file"] = true, ["end"] = true, ["else"] = true, ["elseif"] = true, ["until"] = true }

---@class check.unit
---@field file string
---@field nodes table[] expressions of the kinds local, global, index, call, method and binary, in order
---@field variables table[] { name, line, values, reads, kind = "local"|"parameter"|"loop"|"function" }
---@field stores table[] { target = expression, value = expression, line }: assignments that are no declarations
---@field unreachable table[] { line, by, by_line }
---@field result table|nil what the file returns

local expression, block -- they need each other

-- ---- Expressions and variables

local function node(kind, line, ...)
  local depth = 0
  for i = 1, select("#", ...) do depth = math.max(depth, select(i, ...).depth) end
  return { kind = kind, line = line, depth = depth + 1 }
end

local function keep(self, made)
  table.insert(self.unit.nodes, made)
  return made
end

local function unknown(self) return node("unknown", self.words.line) end

local function declare(self, name, line, kind)
  local variable = { name = name, line = line, kind = kind, values = {}, reads = 0, scope = self.scope }
  self.scope.names[name] = variable
  table.insert(self.unit.variables, variable)
  return variable
end

local function give(variable, value)
  table.insert(variable.values, value)
end

local function open_scope(self)
  self.scope = { names = {}, outer = self.scope }
end

local function close_scope(self)
  self.scope = self.scope.outer
end

local function find_variable(self, name)
  local scope = self.scope
  while scope do
    if scope.names[name] then return scope.names[name] end
    scope = scope.outer
  end
end

-- ---- Words

local function next_is(self, kind) return self.words.kind == kind end

local function accept(self, kind)
  if self.words.kind ~= kind then return false end
  self.words:advance()
  return true
end

local function expect(self, kind)
  if not accept(self, kind) then
    error(("%s, line %d: %s expected, %s found"):format(self.unit.file, self.words.line, kind, self.words.kind))
  end
end

local function name(self)
  local value = self.words.value
  expect(self, "name")
  return value
end

-- ---- Expressions

local function text_node(value, line)
  local made = node("text", line)
  made.value = value
  return made
end

local function name_node(self, called, line)
  local variable = find_variable(self, called)
  local made = node(variable and "local" or "global", line)
  if variable then
    made.variable = variable
    variable.reads = variable.reads + 1
  else
    made.name, made.scope = called, self.scope
    made.hidden = find_variable(self, "_ENV") ~= nil
  end
  return keep(self, made)
end

local function table_field(self, made)
  local words = self.words
  local line = words.line
  if next_is(self, "name") and words:peek() == "=" then
    local key = name(self)
    expect(self, "=")
    made.fields[key], made.lines[key] = expression(self), line
    return made.fields[key]
  elseif accept(self, "[") then
    local key = expression(self)
    expect(self, "]")
    expect(self, "=")
    local value = expression(self)
    if key.kind == "text" then
      made.fields[key.value], made.lines[key.value] = value, line
    else
      made.open = true
    end
    return value
  end
  local value = expression(self)
  table.insert(made.items, value)
  return value
end

local function table_node(self)
  local made = node("table", self.words.line)
  made.items, made.fields, made.lines = {}, {}, {}
  expect(self, "{")
  while not next_is(self, "}") do
    made.depth = math.max(made.depth, table_field(self, made).depth + 1)
    if not accept(self, ",") and not accept(self, ";") then break end
  end
  expect(self, "}")
  return made
end

local function function_body(self, line, with_self)
  expect(self, "(")
  open_scope(self)
  if with_self then give(declare(self, "self", line, "parameter"), unknown(self)) end
  while not next_is(self, ")") do
    if not accept(self, "...") then
      local at = self.words.line
      give(declare(self, name(self), at, "parameter"), unknown(self))
    end
    if not accept(self, ",") then break end
  end
  expect(self, ")")
  block(self)
  close_scope(self)
  expect(self, "end")
  return node("function", line)
end

local function list(self)
  local made = { expression(self) }
  while accept(self, ",") do table.insert(made, expression(self)) end
  return made
end

local function arguments(self)
  if next_is(self, "text") then
    local made = text_node(self.words.value, self.words.line)
    self.words:advance()
    return { made }
  elseif next_is(self, "{") then
    return { table_node(self) }
  end
  expect(self, "(")
  local made = next_is(self, ")") and {} or list(self)
  expect(self, ")")
  return made
end

local function primary(self)
  local line = self.words.line
  if accept(self, "(") then
    local inner = expression(self)
    expect(self, ")")
    return inner
  end
  return name_node(self, name(self), line)
end

local function index_node(self, object, key, line)
  local made = node("index", line, object, key)
  made.object, made.key = object, key
  object.use = "index"
  return keep(self, made)
end

local function call_node(self, object, method, line)
  local given = arguments(self)
  local made = node(method and "method" or "call", line, object)
  for _, argument in ipairs(given) do made.depth = math.max(made.depth, argument.depth + 1) end
  made.arguments = given
  if method then
    made.object, made.name, object.use = object, method, "method"
  else
    made.called, object.use = object, "call"
  end
  return keep(self, made)
end

local function suffixed(self)
  local made = primary(self)
  while true do
    local words = self.words
    local line = words.line
    if accept(self, ".") then
      line = words.line
      made = index_node(self, made, text_node(name(self), line), line)
    elseif accept(self, "[") then
      local key = expression(self)
      expect(self, "]")
      made = index_node(self, made, key, line)
    elseif accept(self, ":") then
      line = words.line
      made = call_node(self, made, name(self), line)
    elseif next_is(self, "(") or next_is(self, "{") or next_is(self, "text") then
      made = call_node(self, made, nil, line)
    else
      return made
    end
  end
end

local SIMPLE = { ["nil"] = "nil", ["true"] = "true", ["false"] = "false", ["..."] = "vararg" }

local function simple(self)
  local words = self.words
  local kind, line, value = words.kind, words.line, words.value
  if kind == "number" or kind == "text" then
    words:advance()
    local made = node(kind, line)
    made.value = value
    return made
  elseif SIMPLE[kind] then
    words:advance()
    return node(SIMPLE[kind], line)
  elseif kind == "{" then
    return table_node(self)
  elseif accept(self, "function") then
    return function_body(self, line)
  end
  return suffixed(self)
end

local function unary(self, limit)
  local words = self.words
  local operator, line = words.kind, words.line
  words:advance()
  local operand = expression(self, limit)
  local made = node("unary", line, operand)
  made.operator, made.operand = operator, operand
  return made
end

-- Operators that bind tighter than `limit`.
function expression(self, limit)
  limit = limit or 0
  local words = self.words
  local left = UNARY[words.kind] and unary(self, UNARY_PRIORITY) or simple(self)
  while PRIORITY[words.kind] and PRIORITY[words.kind][1] > limit do
    local operator, line = words.kind, words.line
    words:advance()
    local right = expression(self, PRIORITY[operator][2])
    local made = node("binary", line, left, right)
    made.operator, made.left, made.right = operator, left, right
    left = keep(self, made)
  end
  return left
end

-- ---- Statements: each tells by what it ends its block ("return", "break" …), or nil

local function body(self)
  open_scope(self)
  local ended = block(self)
  close_scope(self)
  return ended
end

local function do_statement(self)
  expect(self, "do")
  local ended = body(self)
  expect(self, "end")
  return ended
end

local function if_statement(self)
  local all, by = true, nil
  repeat
    self.words:advance() -- if, elseif
    expression(self)
    expect(self, "then")
    all = body(self) ~= nil and all
  until not next_is(self, "elseif")
  if accept(self, "else") then by = body(self) end
  expect(self, "end")
  return all and by or nil
end

local function while_statement(self)
  expect(self, "while")
  expression(self)
  do_statement(self)
end

local function repeat_statement(self)
  expect(self, "repeat")
  open_scope(self)
  block(self)
  expect(self, "until")
  expression(self) -- sees the block's variables
  close_scope(self)
end

local function for_statement(self)
  expect(self, "for")
  local named = {}
  repeat
    table.insert(named, { line = self.words.line, name = name(self) })
  until not accept(self, ",")
  local counted = accept(self, "=")
  if not counted then expect(self, "in") end
  list(self)
  open_scope(self)
  for _, one in ipairs(named) do
    give(declare(self, one.name, one.line, "loop"), node(counted and "number" or "unknown", one.line))
  end
  do_statement(self)
  close_scope(self)
end

-- Gives values to targets, one each; a call at the end may give more, which nobody can tell.
local function spread(self, count, values, set)
  for i = 1, count do
    local value = values[i]
    if not value then
      local last = values[#values]
      local more = last and (last.kind == "call" or last.kind == "method" or last.kind == "vararg")
      value = node(more and "unknown" or "nil", self.words.last_line)
    end
    set(i, value)
  end
end

local function local_function(self, line)
  local at = self.words.line
  local variable = declare(self, name(self), at, "function")
  give(variable, function_body(self, line))
end

local function local_statement(self)
  local line = self.words.line
  expect(self, "local")
  if accept(self, "function") then return local_function(self, line) end
  local named = {}
  repeat
    local one = { line = self.words.line, name = name(self) }
    if accept(self, "<") then
      one.attribute = name(self)
      expect(self, ">")
    end
    table.insert(named, one)
  until not accept(self, ",")
  local values = accept(self, "=") and list(self) or {}
  spread(self, #named, values, function(i, value)
    local variable = declare(self, named[i].name, named[i].line, "local")
    variable.attribute = named[i].attribute
    value.first_of = variable
    give(variable, value)
  end)
end

local function store(self, target, value, line)
  if target.kind == "local" then
    target.variable.reads = target.variable.reads - 1
    target.use = "store"
    give(target.variable, value)
  else
    if target.kind == "global" then target.use = "store" end
    target.stored = true
    table.insert(self.unit.stores, { target = target, value = value, line = line })
  end
end

local function function_statement(self)
  local line = self.words.line
  expect(self, "function")
  local at = self.words.line
  local target, method = name_node(self, name(self), at), false
  while next_is(self, ".") or next_is(self, ":") do
    method = next_is(self, ":")
    self.words:advance()
    at = self.words.line
    target = index_node(self, target, text_node(name(self), at), at)
  end
  local made = function_body(self, line, method)
  made.declared = true
  store(self, target, made, line)
end

-- error(…) and run:fail(…) end what they stand in, as return does.
local function ends_run(called)
  if called.kind == "call" and called.called.kind == "global" and called.called.name == "error" then
    return "error"
  elseif called.kind == "method" and called.name == "fail" and called.object.kind == "global" and
    called.object.name == "run" then
    return "run:fail"
  end
end

local function expression_statement(self)
  local line = self.words.line
  local first = suffixed(self)
  if not next_is(self, "=") and not next_is(self, ",") then
    first.statement = true
    return ends_run(first)
  end
  local targets = { first }
  while accept(self, ",") do table.insert(targets, suffixed(self)) end
  expect(self, "=")
  local values = list(self)
  spread(self, #targets, values, function(i, value) store(self, targets[i], value, line) end)
end

local function return_statement(self)
  expect(self, "return")
  local values = {}
  if not BLOCK_ENDS[self.words.kind] and not next_is(self, ";") then values = list(self) end
  accept(self, ";")
  if self.scope == self.outermost then self.unit.result = values[1] end
  return "return"
end

local function break_statement(self)
  expect(self, "break")
  return "break"
end

local function goto_statement(self)
  expect(self, "goto")
  expect(self, "name")
  return "goto"
end

local function label_statement(self)
  expect(self, "::")
  expect(self, "name")
  expect(self, "::")
end

local STATEMENTS = {
  ["if"] = if_statement, ["while"] = while_statement, ["do"] = do_statement, ["for"] = for_statement,
  ["repeat"] = repeat_statement, ["function"] = function_statement, ["local"] = local_statement,
  ["return"] = return_statement, ["break"] = break_statement, ["goto"] = goto_statement,
  ["::"] = label_statement,
}

-- The statements up to the block's end; the first behind one that ends the block is told as unreachable.
function block(self)
  local ended, ended_line, told
  while not BLOCK_ENDS[self.words.kind] do
    local kind, line = self.words.kind, self.words.line
    if kind == "::" then ended = nil end -- a goto may come here
    if ended and not told and kind ~= ";" then
      told = true
      table.insert(self.unit.unreachable, { line = line, by = ended, by_line = ended_line })
    end
    if not accept(self, ";") then
      local by = (STATEMENTS[kind] or expression_statement)(self)
      if by and not ended then ended, ended_line = by, line end
    end
  end
  return ended
end

--- Reads a text that Lua's loader has accepted.
---@param file string
---@param source string
---@return check.unit
function parser.read(file, source)
  local unit = { file = file, nodes = {}, variables = {}, stores = {}, unreachable = {} }
  local self = { unit = unit, words = lexer.new(source) }
  open_scope(self)
  self.outermost = self.scope
  block(self)
  expect(self, "end of file")
  return unit
end

return parser
