-- memls in Neovim 0.7 and later: its language server, and questions about the code.
-- Copy this file to ~/.config/nvim/plugin/memls.lua. Options stand in `vim.g.memls`, set in init.lua.

if vim.g.loaded_memls then
  return
end
vim.g.loaded_memls = true

local DEFAULTS = {
  cmd = { 'memls', 'lsp' },
  filetypes = {
    'astro', 'bash', 'c', 'cpp', 'cs', 'go', 'java', 'javascript', 'javascriptreact', 'kotlin', 'lua', 'php', 'python',
    'ruby', 'rust', 'scala', 'sh', 'sql', 'svelte', 'swift', 'typescript', 'typescriptreact', 'vue',
  },
  features = nil, -- { hover = false, completion = true }: standard features by name; nil: the server's choice
  model = nil, -- the model to ask, instead of MEMLS_MODEL
  window = nil, -- its window in tokens, instead of MEMLS_WINDOW
  split = 'botright 15split', -- how the window of the answers is opened
}

local function option(name)
  local given = (vim.g.memls or {})[name]
  return given == nil and DEFAULTS[name] or given
end

local MODERN = vim.fn.has('nvim-0.11') == 1
local SPACE = vim.api.nvim_create_namespace('memls')

local answers -- the buffer of questions and answers
local session -- the conversation that the next question goes on with
local running -- the question that is being answered
local last = {} -- `client` and `window` of the last question, for commands given in the buffer of answers

-- The language server ---------------------------------------------------------------------------------

--- The repository around a file; without one, the working folder that holds the file, or the file's own.
local function root_of(path)
  local home = vim.fn.fnamemodify(path, ':p:h')
  local folder, parent = home, vim.fn.fnamemodify(home, ':h')
  while folder ~= parent do
    if vim.loop.fs_stat(folder .. '/.git') then
      return folder
    end
    folder, parent = parent, vim.fn.fnamemodify(parent, ':h')
  end
  local here = vim.fn.getcwd()
  return vim.startswith(home .. '/', here .. '/') and here or home
end

--- Whether a buffer is a file on disk.
local function is_file(buffer)
  local name = vim.api.nvim_buf_get_name(buffer)
  return vim.bo[buffer].buftype == '' and name ~= '' and not name:find('^%a[%w+.-]*:/')
end

--- A client's method: called with a dot before 0.11, with a colon since.
local function call(client, method, ...)
  if MODERN then
    return client[method](client, ...)
  end
  return client[method](...)
end

--- The client of the current buffer; elsewhere that of the last question, or any.
local function client_here()
  local buffer, known = vim.api.nvim_get_current_buf(), last.client
  for _, client in pairs((MODERN and vim.lsp.get_clients or vim.lsp.get_active_clients)()) do
    if client.name == 'memls' then
      known = (vim.lsp.buf_is_attached(buffer, client.id) or not known) and client or known
    end
  end
  if known and not call(known, 'is_stopped') then
    return known
  end
  vim.notify('memls is not running here: open a file of the repository first', vim.log.levels.WARN)
end

-- The buffer of answers -------------------------------------------------------------------------------

local function lines_of(text) return vim.split(text, '\n', { plain = true }) end

--- Replace lines [first, last) of the answers, which nobody else may write.
local function put(first, final, lines)
  vim.bo[answers].modifiable = true
  vim.api.nvim_buf_set_lines(answers, first, final, false, lines)
  vim.bo[answers].modifiable = false
end

--- Write on at the end.
local function add(text)
  local row = vim.api.nvim_buf_line_count(answers) - 1
  local before = vim.api.nvim_buf_get_lines(answers, row, row + 1, false)[1]
  put(row, row + 1, lines_of(before .. text))
end

--- Windows that show the last line go on showing it.
local function follow(work)
  local count = vim.api.nvim_buf_line_count(answers)
  local windows = vim.tbl_filter(function(window)
    return vim.api.nvim_win_get_cursor(window)[1] >= count
  end, vim.fn.win_findbuf(answers))
  work()
  count = vim.api.nvim_buf_line_count(answers)
  for _, window in ipairs(windows) do
    vim.api.nvim_win_set_cursor(window, { count, 0 })
  end
end

--- Show beside the question what is being done; nil for nothing.
local function tell(text)
  vim.api.nvim_buf_clear_namespace(answers, SPACE, 0, -1)
  if text then
    local words = { { text:gsub('%s+', ' '):sub(1, 80), 'Comment' } }
    vim.api.nvim_buf_set_extmark(answers, SPACE, running.heading, 0, { virt_text = words })
  end
end

--- The citation below the cursor: of `[a.py:1-3, 9; b.py:4]` the one item. Lines count from 1.
local function citation_here()
  local line, column = vim.api.nvim_get_current_line(), vim.api.nvim_win_get_cursor(0)[2] + 1
  local from, inside, to = 1, nil, nil
  repeat
    from, to, inside = line:find('%[([^%[%]]+)%]', from)
    if not from or from > column then
      return nil
    end
    from = to >= column and from or to + 1
  until from <= column and to >= column
  local path, number
  for start, item, stop in inside:gmatch('()([^,;]+)()') do
    path = item:match('^%s*`?(.-)[:#]L?%d') or path
    number = item:match('[:#]L?(%d+)') or item:match('^%s*L?(%d+)') or number
    if from + stop > column then
      break
    end
  end
  return path, tonumber(number)
end

--- Open the citation below the cursor, in the window that the question came from.
local function open_citation()
  local path, number = citation_here()
  local root = last.client and last.client.config.root_dir
  if not path or not number or not root then
    return vim.notify('memls: no citation here', vim.log.levels.INFO)
  end
  local window = last.window
  if window and vim.api.nvim_win_is_valid(window) and vim.api.nvim_win_get_buf(window) ~= answers then
    vim.api.nvim_set_current_win(window)
  else
    vim.cmd('aboveleft new')
  end
  vim.cmd("normal! m'")
  vim.cmd('edit ' .. vim.fn.fnameescape(root .. '/' .. path))
  vim.api.nvim_win_set_cursor(0, { math.min(number, vim.api.nvim_buf_line_count(0)), 0 })
end

--- Make the buffer, and show it in this tab; the cursor stays where it is.
local function show()
  if not answers or not vim.api.nvim_buf_is_valid(answers) then
    answers = vim.api.nvim_create_buf(false, true)
    vim.api.nvim_buf_set_name(answers, 'memls')
    vim.bo[answers].filetype = 'markdown'
    vim.bo[answers].modifiable = false
    for _, key in ipairs({ 'gf', '<CR>' }) do
      vim.keymap.set('n', key, open_citation, { buffer = answers, desc = 'memls: open the citation' })
    end
  end
  if vim.fn.bufwinnr(answers) < 0 then
    local window = vim.api.nvim_get_current_win()
    vim.cmd(option('split'))
    vim.api.nvim_win_set_buf(0, answers)
    vim.wo.wrap, vim.wo.number = true, false
    vim.api.nvim_win_set_cursor(0, { vim.api.nvim_buf_line_count(answers), 0 })
    vim.api.nvim_set_current_win(window)
  end
end

-- Questions -------------------------------------------------------------------------------------------

--- The end of a question: `note` stands below the answer.
local function finish(note)
  follow(function()
    tell(nil)
    add('\n\n' .. note .. '\n')
  end)
  running = nil
end

--- What is worth saying of a result: its cost, and each citation that is not `verified`.
local function summary(result)
  local counts, lines = {}, {}
  for _, one in ipairs(result.citations) do
    counts[one.status] = (counts[one.status] or 0) + 1
    if one.status ~= 'verified' then
      local place = ('[%s:%d-%d]'):format(one.path, one.start, one['end'])
      table.insert(lines, ('- %s %s %s'):format(place, one.status, one.reason))
    end
  end
  local parts = { result.model, ('%d steps'):format(result.usage.steps) }
  for _, status in ipairs({ 'verified', 'moved', 'stale', 'unverified' }) do
    if counts[status] then
      table.insert(parts, ('%d %s'):format(counts[status], status))
    end
  end
  if result.status ~= 'answered' then
    table.insert(parts, result.status)
  end
  vim.list_extend(lines, result.notes)
  return table.concat({ '*' .. table.concat(parts, ' · ') .. '*', unpack(lines) }, '\n')
end

--- Event types that say what is being done, each with its words.
local DOING = {
  syscall = function(event) return event.name .. ': ' .. event.summary end,
  page_in = function(event) return 'reads ' .. event.page.path .. ' ' .. event.page.symbol end,
  page_out = function(event) return 'puts away ' .. event.page.path .. ' ' .. event.page.symbol end,
  interrupt = function(event) return event.text end,
  usage = function(event) return ('%d of %d tokens'):format(event.prompt_tokens, event.window) end,
}

--- A notification `memls/event` of the question that runs.
local function on_event(_, event)
  if not running or event.token ~= running.token then
    return
  end
  follow(function()
    if event.type == 'token' then
      add(event.text)
    elseif event.type == 'retracted' then
      put(running.start, -1, { '' })
    elseif event.type == 'done' then
      put(running.start, -1, lines_of(event.result.answer))
    elseif DOING[event.type] then
      tell(DOING[event.type](event))
    end
  end)
end

local function new_session()
  return ('nvim-%s-%d'):format(os.date('%Y%m%d-%H%M%S'), vim.loop.hrtime() % 1000000)
end

--- Ask; the answer streams into the split. `place` has `uri` and perhaps `range`, as in the protocol.
local function ask(question, place)
  if running then
    return vim.notify('memls is still answering; :MemlsCancel stops it', vim.log.levels.WARN)
  end
  local client = client_here()
  if not client then
    return
  end
  session = session or new_session()
  if vim.api.nvim_get_current_buf() ~= answers then
    last.window = vim.api.nvim_get_current_win()
  end
  last.client = client
  show()
  local token = ('%d'):format(vim.loop.hrtime())
  local empty = vim.api.nvim_buf_line_count(answers) == 1
  follow(function()
    add((empty and '' or '\n') .. '## ' .. question:gsub('%s+', ' ') .. '\n\n')
  end)
  local start = vim.api.nvim_buf_line_count(answers) - 1
  running = { client = client, token = token, heading = start - 2, start = start }
  local params = {
    question = question, session = session, token = token, uri = place.uri, range = place.range,
    model = option('model'), window = option('window'),
  }
  local sent, id = call(client, 'request', 'memls/ask', params, function(failure, result)
    if running and running.token == token then
      finish(failure and '**memls:** ' .. (failure.message or vim.inspect(failure)) or summary(result))
    end
  end)
  if not sent then
    return finish('**memls:** the server is gone')
  end
  running.id = id
end

--- Stop the question that runs; what has come of the answer stays.
local function cancel()
  if running then
    call(running.client, 'cancel_request', running.id)
    finish('*cancelled*')
  end
end

--- The lines of a command's range, as the protocol counts them.
local function place_of(command)
  local buffer = vim.api.nvim_get_current_buf()
  if not is_file(buffer) then
    return {}
  end
  local place = { uri = vim.uri_from_bufnr(buffer) }
  if command.range > 0 then
    place.range = {
      start = { line = command.line1 - 1, character = 0 },
      ['end'] = { line = command.line2, character = 0 },
    }
  end
  return place
end

--- Fill a buffer named `memls:/…` with the read-only document of that name.
local function read_document(buffer)
  local client = client_here()
  vim.bo[buffer].buftype, vim.bo[buffer].swapfile, vim.bo[buffer].filetype = 'nofile', false, 'markdown'
  -- Old versions take the name for a file's, and put the working folder before it.
  local uri = vim.api.nvim_buf_get_name(buffer):match('memls:/.*')
  local _ = client and call(client, 'request', 'workspace/textDocumentContent', { uri = uri }, function(failure, reply)
    if vim.api.nvim_buf_is_loaded(buffer) then
      local text = failure and '**memls:** ' .. failure.message or reply.text
      vim.bo[buffer].modifiable = true
      vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines_of(text))
      vim.bo[buffer].modifiable = false
    end
  end)
end

--- The server asks to read a document again: so the model's window is shown as it changes.
local function on_refresh(_, params)
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buffer) and vim.endswith(vim.api.nvim_buf_get_name(buffer), params.uri) then
      read_document(buffer)
    end
  end
  return vim.NIL
end

-- Commands, and what starts the server ----------------------------------------------------------------

vim.api.nvim_create_user_command('MemlsAsk', function(command)
  if command.bang and not running then
    session = nil
  end
  ask(command.args, place_of(command))
end, { nargs = '+', range = true, bang = true, desc = 'Ask memls; with ! in a new conversation' })

vim.api.nvim_create_user_command('MemlsCancel', cancel, { desc = 'Stop the answer' })

vim.api.nvim_create_user_command('MemlsContext', function()
  if not session then
    return vim.notify('memls: nothing was asked yet', vim.log.levels.INFO)
  end
  vim.cmd('split ' .. vim.fn.fnameescape('memls:/context/' .. session))
end, { desc = "What stands in the model's window" })

-- Code actions and lenses name this command; asked here, the answer streams.
vim.lsp.commands['memls.ask'] = function(command)
  local argument = command.arguments[1]
  ask(argument.question, argument)
end

local group = vim.api.nvim_create_augroup('memls', {})
local function on_read(event) read_document(event.buf) end
vim.api.nvim_create_autocmd('BufReadCmd', { group = group, pattern = 'memls:/*', callback = on_read })

local function on_exit(code)
  vim.schedule(function()
    if running and call(running.client, 'is_stopped') then
      finish(('**memls:** the server ended with code %d'):format(code))
    end
  end)
end

local CAPABILITIES = vim.lsp.protocol.make_client_capabilities()
CAPABILITIES.workspace.textDocumentContent = { dynamicRegistration = false }

local config = {
  name = 'memls',
  cmd = option('cmd'),
  filetypes = option('filetypes'),
  init_options = option('features') and { features = option('features') },
  handlers = { ['memls/event'] = on_event, ['workspace/textDocumentContent/refresh'] = on_refresh },
  capabilities = CAPABILITIES,
  on_exit = on_exit,
}

if MODERN then
  vim.lsp.config('memls', vim.tbl_extend('error', config, {
    root_dir = function(buffer, start)
      if is_file(buffer) then
        start(root_of(vim.api.nvim_buf_get_name(buffer)))
      end
    end,
  }))
  vim.lsp.enable('memls')
else
  local ids = {} -- of the client of each root
  local function attach(event)
    local root = is_file(event.buf) and root_of(vim.api.nvim_buf_get_name(event.buf))
    if root and not (ids[root] and vim.lsp.get_client_by_id(ids[root])) then
      ids[root] = vim.lsp.start_client(vim.tbl_extend('error', config, { root_dir = root }))
    end
    if root and ids[root] then
      vim.lsp.buf_attach_client(event.buf, ids[root])
    end
  end
  vim.api.nvim_create_autocmd('FileType', { group = group, pattern = config.filetypes, callback = attach })
end
