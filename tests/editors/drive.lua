-- Drives Neovim through what a user does, and writes what was seen as JSON. Runs in 0.7 and in 0.11.

local report, notices = {}, {}
local new = vim.fn.has('nvim-0.11') == 1
local root = vim.fn.getcwd()

vim.notify = function(text)
  table.insert(notices, text)
end

local function wait(reached, what, milliseconds, pause)
  assert(vim.wait(milliseconds or 5000, reached, pause or 10), 'waited in vain for ' .. what)
end

local function client(buffer)
  if new then
    return vim.lsp.get_clients({ name = 'memls', bufnr = buffer })[1]
  end
  for _, one in pairs(buffer and vim.lsp.buf_get_clients(buffer) or vim.lsp.get_active_clients()) do
    if one.name == 'memls' then
      return one
    end
  end
end

local function request(method, params)
  local one = client()
  local reply, why
  if new then
    reply, why = one:request_sync(method, params, 5000, 0)
  else
    reply, why = one.request_sync(method, params, 5000, 0)
  end
  assert(reply, why)
  assert(not reply.err, vim.inspect(reply.err))
  return reply.result
end

local function supports(method)
  local one = client()
  if new then
    return one:supports_method(method)
  end
  return one.supports_method(method)
end

--- One thing a user does. What the server does not offer is told apart from what fails.
local function step(name, method, work)
  if method and not supports(method) then
    report[name] = 'not offered'
    return
  end
  local fine, seen = pcall(work)
  report[name] = fine and seen or { error = tostring(seen), notices = notices }
  notices = {}
end

local function relative(path)
  return (vim.loop.fs_realpath(path) or path):gsub('^' .. vim.pesc(vim.loop.fs_realpath(root)) .. '/', '')
end

--- Put the cursor on a word of a line.
local function open(path, line, word)
  vim.cmd('edit ' .. root .. '/' .. path)
  wait(function() return client(vim.api.nvim_get_current_buf()) end, 'the server in ' .. path)
  local text = vim.api.nvim_buf_get_lines(0, line - 1, line, false)[1]
  vim.api.nvim_win_set_cursor(0, { line, assert(text:find(word, 1, true)) - 1 })
end

local function here()
  return { relative(vim.api.nvim_buf_get_name(0)) .. ':' .. vim.api.nvim_win_get_cursor(0)[1] }
end

--- Do `work` and read the quickfix or location list that it fills.
local function listed(work, show, get)
  get = get or vim.fn.getqflist
  vim.fn.setqflist({})
  vim.fn.setloclist(0, {})
  work()
  wait(function() return #get() > 0 end, 'a list')
  local found = vim.tbl_map(show, get())
  vim.cmd('silent! cclose | silent! lclose')
  return found
end

local function place(item)
  return relative(vim.api.nvim_buf_get_name(item.bufnr)) .. ':' .. item.lnum
end

--- The name that an item's text begins with.
local function name_of(item)
  return item.text:match('^%S+')
end

--- The text of the floating window that `work` opens.
local function floating(work)
  local function find()
    for _, window in ipairs(vim.api.nvim_list_wins()) do
      if vim.api.nvim_win_get_config(window).relative ~= '' then
        return window
      end
    end
  end
  work()
  wait(find, 'a floating window')
  local window = find()
  local lines = vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false)
  vim.api.nvim_win_close(window, true)
  return table.concat(lines, '\n')
end

--- Jump, unless the cursor already is where it leads.
local function jumped(work)
  local before = here()[1]
  work()
  wait(function() return here()[1] ~= before end, 'a jump')
  return here()
end

local function buffer_of_answers()
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.fn.fnamemodify(vim.api.nvim_buf_get_name(buffer), ':t') == 'memls' then
      return buffer
    end
  end
end

local function answers()
  local buffer = buffer_of_answers()
  return buffer and table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n') or ''
end

--- The last question with its answer, when a model has answered it.
local function answered(model)
  local function part()
    return answers():match('.*(## .*)')
  end
  wait(function() return (part() or ''):find('\n*' .. model, 1, true) end, 'the answer', 15000)
  return part()
end

--- The current buffer's text, when it holds a pattern.
local function shown(pattern)
  local buffer = vim.api.nvim_get_current_buf()
  local function whole()
    return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n')
  end
  if not vim.wait(5000, function() return whole():find(pattern) ~= nil end, 10) then
    error(pattern .. ' is not in ' .. whole())
  end
  return whole()
end

local function main()
  wait(function() return client() and (client().initialized or next(client().server_capabilities or {})) end,
    'the server', 20000)
  wait(function() return request('memls/status', vim.empty_dict()).state == 'ready' end, 'the index', 15000, 50)

  step('documentSymbol', 'textDocument/documentSymbol', function()
    open('shop/stock.py', 1, '"""')
    local get = new and function() return vim.fn.getloclist(0) end or nil
    local function name(item)
      return item.text:match('^%[%a+%] (%S+)')
    end
    return listed(vim.lsp.buf.document_symbol, name, get)
  end)
  step('workspaceSymbol', 'workspace/symbol', function()
    return listed(function() vim.lsp.buf.workspace_symbol('restock') end, place)
  end)
  for name, work in pairs({ definition = vim.lsp.buf.definition, declaration = vim.lsp.buf.declaration }) do
    step(name, 'textDocument/' .. name, function()
      open('app.py', 6, 'restock')
      return jumped(work)
    end)
  end
  step('implementation', 'textDocument/implementation', function()
    open('shop/stock.py', 4, 'Shelf')
    return jumped(vim.lsp.buf.implementation)
  end)
  step('references', 'textDocument/references', function()
    open('app.py', 6, 'restock')
    return listed(vim.lsp.buf.references, place)
  end)
  step('hover', 'textDocument/hover', function()
    open('app.py', 6, 'restock')
    return floating(vim.lsp.buf.hover)
  end)
  step('documentHighlight', 'textDocument/documentHighlight', function()
    open('app.py', 6, 'restock')
    vim.lsp.buf.document_highlight()
    local function marks()
      local space = vim.api.nvim_get_namespaces()[new and 'nvim.lsp.references' or 'vim_lsp_references']
      return space and vim.api.nvim_buf_get_extmarks(0, space, 0, -1, {}) or {}
    end
    wait(function() return #marks() > 0 end, 'highlights')
    return vim.tbl_map(function(mark) return 'app.py:' .. mark[2] + 1 end, marks())
  end)
  step('signatureHelp', 'textDocument/signatureHelp', function()
    open('app.py', 6, 'shelf)')
    return floating(vim.lsp.buf.signature_help)
  end)
  step('completion', 'textDocument/completion', function()
    open('app.py', 6, 'ock(')
    local params = vim.lsp.util.make_position_params(0, 'utf-16')
    local found = request('textDocument/completion', params)
    return vim.tbl_map(function(item) return item.label end, found.items or found)
  end)
  step('incomingCalls', 'textDocument/prepareCallHierarchy', function()
    open('shop/stock.py', 17, 'restock')
    return listed(vim.lsp.buf.incoming_calls, name_of)
  end)
  step('outgoingCalls', 'textDocument/prepareCallHierarchy', function()
    open('app.py', 4, 'main')
    return listed(vim.lsp.buf.outgoing_calls, name_of)
  end)
  if new then
    step('typeHierarchy', 'textDocument/prepareTypeHierarchy', function()
      open('shop/stock.py', 4, 'Shelf')
      return listed(function() vim.lsp.buf.typehierarchy('subtypes') end, name_of)
    end)
    step('foldingRange', 'textDocument/foldingRange', function()
      open('app.py', 5, 'shelf')
      vim.wo.foldmethod, vim.wo.foldexpr = 'expr', 'v:lua.vim.lsp.foldexpr()'
      wait(function() return vim.fn.foldlevel(5) > 0 end, 'folds')
      vim.cmd('normal! zM')
      return { vim.fn.foldclosed(5), vim.fn.foldclosedend(5) }
    end)
    vim.wo.foldmethod = 'manual'
  end
  step('codeLens', 'textDocument/codeLens', function()
    open('shop/stock.py', 17, 'restock')
    vim.lsp.codelens.refresh()
    local function titles()
      return vim.tbl_map(function(lens) return lens.command and lens.command.title or '' end, vim.lsp.codelens.get(0))
    end
    wait(function() return #titles() > 0 and not vim.tbl_contains(titles(), '') end, 'resolved lenses')
    return titles()
  end)
  step('codeAction', 'textDocument/codeAction', function()
    open('app.py', 6, 'restock')
    local titles
    vim.ui.select = function(items, options)
      titles = vim.tbl_map(options.format_item, items)
    end
    vim.lsp.buf.code_action()
    wait(function() return titles end, 'actions')
    return titles
  end)

  step('ask', nil, function()
    open('app.py', 6, 'restock')
    local window = vim.api.nvim_get_current_win()
    vim.cmd('6,7MemlsAsk Where is `restock` defined?')
    return { text = answered('extractive'), stayed = window == vim.api.nvim_get_current_win() }
  end)
  step('citation', nil, function()
    vim.api.nvim_set_current_win(vim.fn.bufwinid(buffer_of_answers()))
    vim.api.nvim_win_set_cursor(0, { 1, 0 })
    assert(vim.fn.search('\\[shop/stock.py:17-') > 0, 'no citation of restock')
    vim.cmd('normal gf')
    return here()
  end)
  step('context', nil, function()
    vim.cmd('MemlsContext')
    local seen = shown('.')
    vim.cmd('close')
    return seen
  end)
  step('command', nil, function()
    local argument = { question = 'What is Cupboard?', uri = vim.uri_from_fname(root .. '/shop/stock.py') }
    vim.lsp.commands['memls.ask']({ title = 'Explain', command = 'memls.ask', arguments = { argument } }, {})
    return answered('extractive')
  end)
  step('retracted', nil, function()
    open('app.py', 6, 'restock')
    vim.g.memls = vim.tbl_extend('force', vim.g.memls, { model = 'hasty' })
    vim.cmd('MemlsAsk! What fills it?')
    return answered('hasty')
  end)
  step('cancel', nil, function()
    open('app.py', 6, 'restock')
    vim.g.memls = vim.tbl_extend('force', vim.g.memls, { model = 'slow' })
    vim.cmd('MemlsAsk Tell me all.')
    wait(function() return answers():find('word word', 1, true) end, 'the first words', 15000)
    vim.cmd('MemlsAsk And more?')
    local refused = table.concat(notices, '\n')
    vim.cmd('MemlsContext')
    shown('being answered now')
    vim.cmd('MemlsCancel')
    shown('at rest')
    local after = answers()
    wait(function() return vim.loop.fs_stat(os.getenv('MEMLS_TEST_LEFT')) end, 'the end of the request')
    vim.wait(300)
    return { text = after, refused = refused, left = true, grew = #answers() - #after }
  end)
  step('action', nil, function()
    open('app.py', 6, 'restock')
    vim.g.memls = { features = vim.g.memls.features }
    vim.ui.select = function(items, options, choose)
      for place, item in ipairs(items) do
        if options.format_item(item) == 'Explain' then
          choose(item, place)
        end
      end
    end
    vim.lsp.buf.code_action()
    return answered('extractive')
  end)
end

local fine, failure = pcall(main)
report.failure = not fine and tostring(failure) or nil
report.messages = vim.fn.execute('messages')
local file = assert(io.open(os.getenv('MEMLS_TEST_REPORT'), 'w'))
file:write(vim.json and vim.json.encode(report) or vim.fn.json_encode(report))
file:close()
vim.cmd('qa!')
