--- The words of a Lua text, one after the other, with their lines (Lua 5.4 reference manual, 3.1).
---
--- The text has passed Lua's own loader before: what is malformed does not come here. Time and memory grow with the
--- text's length, whatever stands in it.
local lexer = {}

local KEYWORDS = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat return then true
  until while]]):gmatch "%a+" do
  KEYWORDS[word] = true
end

-- Symbols of two and three characters; all others have one.
local LONG = {
  ["..."] = true, [".."] = true, ["=="] = true, ["~="] = true, ["<="] = true, [">="] = true, ["//"] = true,
  ["::"] = true, ["<<"] = true, [">>"] = true,
}

local ESCAPES = { a = "\a", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", v = "\v" }

local TEXT_MAX = 4096 -- longer texts are no address and no file's name: they are kept up to here

---@class lexer
---@field kind string "name", "text", "number", "end of file", or the keyword or symbol itself
---@field value string|nil of a name, a text or a number as written
---@field line integer where the word begins
local methods = {}
methods.__index = methods

-- Moves over one line end, however it is written.
local function next_line(self)
  local place, source = self.place, self.source
  local pair = source:sub(place, place + 1)
  self.place = place + ((pair == "\r\n" or pair == "\n\r") and 2 or 1)
  self.at_line = self.at_line + 1
end

local function count_lines(self, from, to)
  self.place = from
  while true do
    local found = self.source:find("[\r\n]", self.place)
    if not found or found > to then break end
    self.place = found
    next_line(self)
  end
  self.place = to + 1
end

-- "[[" or "[==[" at `place`: moves behind its end and gives what it holds; nil when there is none.
local function long_bracket(self, place)
  local _, opened, level = self.source:find("^%[(=*)%[", place)
  if not opened then return nil end
  local closed, last = self.source:find("]" .. level .. "]", opened + 1, true)
  count_lines(self, place, last)
  return (self.source:sub(opened + 1, math.min(closed - 1, opened + TEXT_MAX)):gsub("^\r?\n", ""))
end

local function skip_blanks(self)
  local source = self.source
  while true do
    self.place = source:match("^[ \t\f\v]*()", self.place)
    if source:find("^[\r\n]", self.place) then
      next_line(self)
    elseif source:find("^%-%-", self.place) then
      if not long_bracket(self, self.place + 2) then
        self.place = source:find("[\r\n]", self.place) or #source + 1
      end
    else
      return
    end
  end
end

-- One escape at the backslash at `place` → what it stands for, and the place behind it.
local function escape(self, place)
  local source = self.source
  local letter = source:sub(place + 1, place + 1)
  if letter == "z" then
    local last = source:match("^%s*()", place + 2) - 1
    count_lines(self, place + 2, last)
    return "", last + 1
  elseif letter == "x" then
    return string.char(tonumber(source:sub(place + 2, place + 3), 16)), place + 4
  elseif letter == "u" then
    local hex, behind = source:match("^{(%x+)}()", place + 2)
    return utf8.char(tonumber(hex, 16)), behind
  elseif letter:find "%d" then
    local digits, behind = source:match("^(%d%d?%d?)()", place + 1)
    return string.char(tonumber(digits)), behind
  elseif letter == "\n" or letter == "\r" then
    self.place = place + 1
    next_line(self)
    return "\n", self.place
  end
  return ESCAPES[letter] or letter, place + 2
end

local function quoted(self)
  local source, quote = self.source, self.source:sub(self.place, self.place)
  local parts, place, length = {}, self.place + 1, 0
  local stop = "[\\" .. quote .. "]"
  while true do
    local found = source:find(stop, place)
    local part, behind = source:sub(place, found - 1), nil
    local ended = source:sub(found, found) == quote
    if not ended then
      local meant
      meant, behind = escape(self, found)
      part = part .. meant
    end
    if length < TEXT_MAX then table.insert(parts, part) end
    length = length + #part
    if ended then
      self.place = found + 1
      return table.concat(parts):sub(1, TEXT_MAX)
    end
    place = behind
  end
end

local function number(self)
  local source, place = self.source, self.place
  local digits, exponent = "^[%d%.]+", "^[eE][+-]?"
  if source:find("^0[xX]", place) then
    digits, exponent, place = "^[%x%.]+", "^[pP][+-]?", place + 2
  end
  while true do
    local _, last = source:find(digits, place)
    if not last then _, last = source:find(exponent, place) end
    if not last then break end
    place = last + 1
  end
  local written = source:sub(self.place, place - 1)
  self.place = place
  return written
end

local function take(self, kind, value)
  self.kind, self.value = kind, value
end

local function symbol(self)
  local source, place = self.source, self.place
  for length = 3, 2, -1 do
    local written = source:sub(place, place + length - 1)
    if LONG[written] then
      self.place = place + length
      return written
    end
  end
  self.place = place + 1
  return source:sub(place, place)
end

-- The word at the place becomes the present one.
local function read(self)
  skip_blanks(self)
  self.line = self.at_line
  local source, place = self.source, self.place
  local word = source:match("^[%a_][%w_]*", place)
  if place > #source then
    take(self, "end of file")
  elseif word then
    self.place = place + #word
    take(self, KEYWORDS[word] and word or "name", word)
  elseif source:find("^[\"']", place) then
    take(self, "text", quoted(self))
  elseif source:find("^%.?%d", place) then
    take(self, "number", number(self))
  else
    local held = long_bracket(self, place)
    if held then
      take(self, "text", held)
    else
      take(self, symbol(self))
    end
  end
end

--- Goes to the next word.
function methods:advance()
  self.last_line = self.line
  local ahead = self.ahead
  if ahead then
    self.kind, self.value, self.line, self.ahead = ahead.kind, ahead.value, ahead.line, nil
  else
    read(self)
  end
end

--- The kind of the word behind the present one, which stays the present one.
---@return string
function methods:peek()
  if not self.ahead then
    local kind, value, line = self.kind, self.value, self.line
    read(self)
    self.ahead = { kind = self.kind, value = self.value, line = self.line }
    self.kind, self.value, self.line = kind, value, line
  end
  return self.ahead.kind
end

--- Begins at the first word.
---@param source string
---@return lexer
function lexer.new(source)
  local self = setmetatable({ source = source, place = 1, at_line = 1, line = 1, last_line = 1 }, methods)
  read(self)
  return self
end

return lexer
