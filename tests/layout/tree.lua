-- What the layout tests share: the files git knows, reading them, and telling faults.
local tree = {}

local faults = 0

function tree.files(pattern)
  local list = {}
  local pipe = assert(io.popen("git ls-files --cached --others --exclude-standard -- " .. pattern))
  for name in pipe:lines() do
    if io.open(name) then list[#list + 1] = name end
  end
  pipe:close()
  assert(#list > 0, "no files match " .. pattern)
  return list
end

function tree.read(name)
  local file = assert(io.open(name, "rb"))
  local content = file:read("a")
  file:close()
  return content
end

function tree.exists(name)
  local file = io.open(name)
  if file then file:close() end
  return file ~= nil
end

function tree.fault(format, ...)
  faults = faults + 1
  print(string.format(format, ...))
end

function tree.finish()
  if faults > 0 then
    print(faults .. " faults")
    os.exit(1)
  end
end

return tree
