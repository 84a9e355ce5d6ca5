-- Asks for JSON-RPC blocks. Arguments: what to ask, the first block number, requests in a batch.
--   light       a block without its transactions, another one each time
--   full        a block with its transactions, another one each time
--   repeated    the same block without its transactions
--   repeatedFull    the same block with its transactions
-- Requests are put together by hand: wrk.format costs more than sending them.
local repeats, block, batch, head, tail

local function one(id)
  if not repeats then block = block + 1 end
  return string.format(
    '{"jsonrpc":"2.0","id":%d,"method":"eth_getBlockByNumber","params":["0x%x%s', id, block, tail)
end

local function body()
  if batch == 1 then return one(1) end
  local items = {}
  for id = 1, batch do items[id] = one(id) end
  return '[' .. table.concat(items, ',') .. ']'
end

function init(args)
  local kind = args[1]
  repeats = kind == 'repeated' or kind == 'repeatedFull'
  block = tonumber(args[2])
  batch = tonumber(args[3])
  tail = (kind == 'full' or kind == 'repeatedFull') and '",true]}' or '",false]}'
  -- Block numbers have as many digits as each other, so all bodies have the length of the first.
  head = 'POST ' .. wrk.path .. ' HTTP/1.1\r\nHost: ' .. wrk.host .. ':' .. wrk.port ..
    '\r\nContent-Type: application/json\r\nContent-Length: ' .. #body() .. '\r\n\r\n'
end

function request()
  return head .. body()
end

function done(summary)
  local e = summary.errors
  io.write(string.format('\n{"answers":%d,"tookSeconds":%f,"bytes":%d,"failures":%d}\n',
    summary.requests, summary.duration / 1e6, summary.bytes,
    e.connect + e.read + e.write + e.status + e.timeout))
end
