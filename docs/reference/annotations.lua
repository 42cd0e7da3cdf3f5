-- Reads the annotations (LuaCATS) of a module: blocks of lines that begin with "---" and what they stand above.
local annotations = {}

-- { line, text = { … }, tags = { { name, rest }, … }, examples = { { line, code = { … } }, … }, signature }: the lines
-- of prose (with examples where they stand), the lines `---@name rest`, the code inside ```lua, and the function.
local function new_block(line)
  return { line = line, text = {}, tags = {}, examples = {} }
end

local function add_line(block, line, number)
  local tag, rest = line:match("^@(%w+)%s*(.*)$")
  if tag then
    table.insert(block.tags, { tag, rest })
    block.in_tag = tag == "param" or tag == "field" or tag == "return"
    return
  end
  line = line:gsub("^ ", "")
  if block.in_tag and line ~= "" then -- the text of a field goes on
    local last = block.tags[#block.tags]
    last[2] = last[2] .. " " .. line
    return
  end
  block.in_tag = false
  local value, meaning = line:match("^|%s*(%S+)[%s#]*(.*)$") -- one choice of an alias
  if value then line = ("- `%s` %s"):format(value, meaning) end
  table.insert(block.text, line)
  if block.open then
    if line:match("^```") then block.open = nil else table.insert(block.open.code, line) end
  elseif line:match("^```lua") then
    block.open = { line = number + 1, code = {} }
    table.insert(block.examples, block.open)
  end
end

-- All blocks of a file, in order.
function annotations.read(path)
  local blocks, block, number = {}, nil, 0
  for line in io.lines(path) do
    number = number + 1
    local comment = line:match("^%-%-%-([^-].*)$") or (line == "---" and "")
    if comment then
      block = block or new_block(number)
      add_line(block, comment, number)
    elseif block then
      block.signature = line:match("^function%s+([%w_.:]+%s*%b())")
      block.object = line:match("^local%s+([%w_]+)%s*=")
      table.insert(blocks, block)
      block = nil
    end
  end
  if block then table.insert(blocks, block) end
  return blocks
end

function annotations.tag(block, name)
  for _, tag in ipairs(block.tags) do
    if tag[1] == name then return tag[2] end
  end
  return nil
end

-- The first sentence of a block, on one line.
function annotations.summary(block)
  local words = {}
  for _, line in ipairs(block.text) do
    if line == "" then break end
    table.insert(words, line)
  end
  local text = table.concat(words, " ")
  return text:match("^(.-%.)%s") or text
end

return annotations
