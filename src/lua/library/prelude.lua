local want, one, two = ...
local parts = {}

function parts.sort(a, lo, up, lt)
  local floor = one
  local function sort(lo, up)
    while lo < up do
      local x, y = a[lo], a[up]
      if lt(y, x) then a[lo], a[up] = y, x end
      if up - lo == 1 then break end
      local i = floor((lo + up) / 2)
      x, y = a[i], a[lo]
      if lt(x, y) then
        a[i], a[lo] = y, x
      else
        y = a[up]
        if lt(y, x) then a[i], a[up] = y, x end
      end
      if up - lo == 2 then break end
      local pivot = a[i]
      a[i], a[up - 1] = a[up - 1], pivot
      local j = up - 1
      i = lo
      while true do
        i = i + 1
        while lt(a[i], pivot) do
          if i > up then two("invalid order function for sorting") end
          i = i + 1
        end
        j = j - 1
        while lt(pivot, a[j]) do
          if j < lo then two("invalid order function for sorting") end
          j = j - 1
        end
        if j < i then break end
        a[i], a[j] = a[j], a[i]
      end
      a[up - 1], a[i] = a[i], a[up - 1]
      if i - lo < up - i then
        sort(lo, i - 1)
        lo = i + 1
      else
        sort(i + 1, up)
        up = i - 1
      end
    end
  end
  sort(lo, up)
end

function parts.less(a, b)
  return a < b
end

function parts.foreach(t, f)
  local next = one
  for k, v in next, t do
    local result = f(k, v)
    if result ~= nil then return result end
  end
end

function parts.foreachi(t, f)
  for i = 1, #t do
    local result = f(i, t[i])
    if result ~= nil then return result end
  end
end

function parts.gmatch(s, p)
  local step, state = one, {s, p, 0}
  return function() return step(state) end
end

-- One replacement: where the match is, and what takes its place.
local function replace(isFunction, r, from, to, ...)
  if not from then return end
  local value
  if isFunction then value = r(...) else value = r[(...)] end
  return from, to, value
end

function parts.gsub(s, p, r, isFunction, max)
  local seek, join = one, two
  local out, k, at, n = {}, 0, 1, 0
  while n < max do
    local from, to, value = replace(isFunction, r, seek(s, p, at))
    if not from then break end
    n = n + 1
    k = k + 1
    at, out[k] = join(s, at, from, to, value)
    if not at then break end
  end
  return join(s, at, out, n)
end

function parts.load(f, name)
  local pcall, gather = one, two
  local pieces, n = {}, 0
  while true do
    local ok, piece = pcall(f)
    if not ok then return nil, piece end
    if piece == nil or piece == '' then break end
    n = n + 1
    pieces[n] = piece
  end
  return gather(pieces, name)
end

function parts.wrap(co)
  local resume = one
  return function(...) return resume(co, ...) end
end

return parts[want]
