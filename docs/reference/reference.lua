-- Makes the reference for authors of robots from the annotations of the library, one page a module and an index:
--   lua5.4 docs/reference/reference.lua OUTPUT FILE…
package.path = arg[0]:gsub("[^/]*$", "?.lua")
local annotations = require "annotations"

local function escape(text) return (text:gsub("|", "\\|")) end

-- "name? type meaning" of a parameter or field; the type may hold blanks inside brackets and around "|".
local function split_field(rest)
  local name, after = rest:match("^(%S+)%s+(.*)$")
  if not name then return rest, "", "" end
  local depth, at = 0, 1
  while at <= #after do
    local c = after:sub(at, at)
    if c:find("[%[({<]") then depth = depth + 1 end
    if c:find("[%])}>]") then depth = depth - 1 end
    local goes_on = after:sub(1, at - 1):find("[|:,]%s*$") or after:find("^%s*|", at)
    if c == " " and depth == 0 and not goes_on then break end
    at = at + 1
  end
  return name, after:sub(1, at - 1), after:sub(at + 1)
end

local function write_fields(out, block, kind, title)
  local any = false
  for _, tag in ipairs(block.tags) do
    if tag[1] == kind then
      if not any then out(title .. " | type | meaning", "--- | --- | ---") end
      any = true
      local name, of, meaning = split_field(tag[2])
      out(("`%s` | `%s` | %s"):format(name, escape(of), escape(meaning)))
    end
  end
  if any then out "" end
end

local function write_results(out, block)
  for _, tag in ipairs(block.tags) do
    if tag[1] == "return" then out("Gives `" .. tag[2] .. "`.", "") end
  end
end

local function write_text(out, block)
  for _, line in ipairs(block.text) do out(line) end
  out ""
end

local function write_block(out, block)
  local class, alias = annotations.tag(block, "class"), annotations.tag(block, "alias")
  if block.signature then
    out("## `" .. block.signature .. "`", "")
  elseif class then
    out("## `" .. class:match("^%S+") .. "`", "", (class:gsub("^%S+%s*", "")))
  elseif alias then
    local of = alias:gsub("^%S+%s*", "")
    out("## `" .. alias:match("^%S+") .. "`", "", of == "" and "One of:" or "Is `" .. of .. "`.", "")
  end
  write_text(out, block)
  write_fields(out, block, "param", "given")
  write_fields(out, block, "field", "field")
  write_results(out, block)
end

local function is_public(block)
  return block.signature or annotations.tag(block, "class") or annotations.tag(block, "alias")
end

-- The block that speaks of the module as a whole: the first with prose.
local function head_of(blocks)
  for i, block in ipairs(blocks) do
    if #block.text > 0 then return block, i end
  end
  error "no prose"
end

local function write_page(folder, path)
  local name = path:match("([%w_]+)%.lua$")
  local blocks = annotations.read(path)
  local head, position = head_of(blocks)
  local file = assert(io.open(folder .. "/" .. name .. ".md", "w"))
  local function out(...)
    for _, line in ipairs { ... } do file:write(line, "\n") end
  end
  out("# " .. name, "")
  write_text(out, head)
  write_fields(out, head, "field", "field")
  for i, block in ipairs(blocks) do
    if i ~= position and is_public(block) then write_block(out, block) end
  end
  file:close()
  return name, annotations.summary(head)
end

local folder = arg[1]
local index = {}
for i = 2, #arg do
  local name, summary = write_page(folder, arg[i])
  table.insert(index, ("- [%s](%s.md): %s\n"):format(name, name, summary))
end
table.sort(index)
local file = assert(io.open(folder .. "/README.md", "w"))
file:write("# What robots can require\n\nMade from the annotations of the library; each example is a test.\n\n")
file:write(table.concat(index))
file:close()
