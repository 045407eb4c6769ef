" memls in Vim 8.2 and later, through ALE 3.3: its language server, and questions about the code.
" Copy this file to ~/.vim/plugin/memls.vim, and name memls in g:ale_linters.

if exists('g:loaded_memls')
  finish
endif
let g:loaded_memls = 1

" g:memls_features: standard features to switch, {'hover': v:false}.
" g:memls_model, g:memls_window: the model to ask and its tokens, instead of MEMLS_MODEL and MEMLS_WINDOW.
let s:filetypes = get(g:, 'memls_filetypes',
\   ['astro', 'c', 'cpp', 'cs', 'go', 'java', 'javascript', 'javascriptreact', 'kotlin', 'lua', 'php', 'python', 'ruby',
\    'rust', 'scala', 'sh', 'sql', 'svelte', 'swift', 'typescript', 'typescriptreact', 'vue'])
let s:session = ''    " the conversation that the next question goes on with
let s:running = {}    " the question that is being answered
let s:last = {}       " connection, root and window of the last question
let s:taken = {}      " connections whose messages we read

" The repository around a buffer, else the working folder.
function! s:Root(buffer) abort
  let l:folder = fnamemodify(bufname(a:buffer), ':p:h')
  while l:folder !=# fnamemodify(l:folder, ':h')
    if isdirectory(l:folder . '/.git') || filereadable(l:folder . '/.git')
      return l:folder
    endif
    let l:folder = fnamemodify(l:folder, ':h')
  endwhile
  return getcwd()
endfunction

function! s:Options(buffer) abort
  return exists('g:memls_features') ? {'features': g:memls_features} : {}
endfunction

function! s:Define() abort
  for l:filetype in s:filetypes
    call ale#linter#Define(l:filetype, {
    \   'name': 'memls',
    \   'lsp': 'stdio',
    \   'executable': get(g:, 'memls_executable', 'memls'),
    \   'command': '%e lsp',
    \   'project_root': function('s:Root'),
    \   'initialization_options': function('s:Options'),
    \})
  endfor
endfunction

" Put lines in place of all from `first` on, in the buffer of answers; windows at its end follow.
function! s:Put(first, lines) abort
  let l:count = s:Count()
  let l:windows = filter(win_findbuf(s:buffer), {_, id -> line('.', id) >= l:count})
  call setbufvar(s:buffer, '&modifiable', 1)
  silent call deletebufline(s:buffer, a:first, '$')
  call setbufline(s:buffer, a:first, a:lines)
  call setbufvar(s:buffer, '&modifiable', 0)
  for l:id in l:windows
    call win_execute(l:id, 'normal! G')
  endfor
endfunction

function! s:Count() abort
  return len(getbufline(s:buffer, 1, '$'))
endfunction

function! s:Add(text) abort
  let l:last = s:Count()
  call s:Put(l:last, split(getbufline(s:buffer, l:last)[0] . a:text, "\n", 1))
endfunction

" Make the buffer of answers, and show it; the cursor stays where it is.
function! s:Show() abort
  let l:window = win_getid()
  if !exists('s:buffer') || !bufexists(s:buffer)
    botright 15new
    setlocal buftype=nofile bufhidden=hide noswapfile filetype=markdown wrap nonumber nomodifiable
    silent file memls
    let s:buffer = bufnr('')
    nnoremap <buffer> <silent> gf :call <SID>OpenCitation()<CR>
    nnoremap <buffer> <silent> <CR> :call <SID>OpenCitation()<CR>
  elseif bufwinnr(s:buffer) < 0
    execute 'botright 15split | buffer ' . s:buffer
  endif
  call win_gotoid(l:window)
endfunction

" The citation below the cursor: of `[a.py:1-3, 9; b.py:4]` the one item.
function! s:CitationHere() abort
  let [l:line, l:column, l:start] = [getline('.'), col('.') - 1, 0]
  while 1
    let [l:inside, l:from, l:to] = matchstrpos(l:line, '\[[^][]\+\]', l:start)
    if l:from < 0 || l:from > l:column
      return ['', 0]
    elseif l:column < l:to
      break
    endif
    let l:start = l:to
  endwhile
  let [l:path, l:number, l:end] = ['', 0, l:from]
  for l:item in split(l:inside[1:-2], '[,;]\zs')
    let l:found = matchlist(l:item, '^\s*`\?\%(\(.\{-1,}\)[:#]\)\?L\?\(\d\+\)')
    let l:path = empty(get(l:found, 1, '')) ? l:path : l:found[1]
    let l:number = empty(l:found) ? l:number : str2nr(l:found[2])
    let l:end += len(l:item)
    if l:end >= l:column
      break
    endif
  endfor
  return [l:path, l:number]
endfunction

" Open the citation below the cursor, in the window that the question came from.
function! s:OpenCitation() abort
  let [l:path, l:number] = s:CitationHere()
  if empty(l:path)
    echo 'memls: no citation here'
    return
  endif
  if !win_gotoid(s:last.window) || bufnr('') == s:buffer
    aboveleft new
  endif
  execute 'edit +' . l:number fnameescape(s:last.root . '/' . l:path)
endfunction

" The end of a question: `note` stands below the answer.
function! s:Finish(note) abort
  let s:running = {}
  call s:Add("\n\n" . a:note . "\n")
endfunction

" What is worth saying of a result: its cost, and each citation that is not `verified`.
function! s:Summary(result) abort
  let l:odd = filter(copy(a:result.citations), {_, one -> one.status !=# 'verified'})
  let l:lines = [printf('*%s · %d steps · %d verified%s*', a:result.model, a:result.usage.steps,
  \   len(a:result.citations) - len(l:odd), a:result.status ==# 'answered' ? '' : ' · incomplete')]
  for l:one in l:odd
    let l:place = printf('[%s:%d-%d]', l:one.path, l:one.start, l:one.end)
    call add(l:lines, join(['-', l:place, l:one.status, l:one.reason]))
  endfor
  return join(l:lines + a:result.notes, "\n")
endfunction

" A message of the server, about the question that runs.
function! s:Take(connection, message) abort
  if empty(s:running)
    return
  elseif get(a:message, 'id', -1) is s:running.id && !has_key(a:message, 'method')
    call s:Finish(has_key(a:message, 'error') ? '**memls:** ' . a:message.error.message
    \   : s:Summary(a:message.result))
  elseif get(a:message, 'method', '') ==# 'memls/event' && a:message.params.token ==# s:running.token
    let l:event = a:message.params
    if l:event.type ==# 'token'
      call s:Add(l:event.text)
    elseif l:event.type ==# 'retracted'
      call s:Put(s:running.start, [''])
    elseif l:event.type ==# 'done'
      call s:Put(s:running.start, split(l:event.result.answer, "\n", 1))
    endif
  endif
endfunction

" Ask when ALE has the server ready. ALE reads the buffer's lines and its own `a:details`.
function! s:Send(params, linter, details) abort
  let l:id = a:details.connection_id
  if !has_key(s:taken, l:id)
    call ale#lsp#RegisterCallback(l:id, function('s:Take'))
    let s:taken[l:id] = 1
  endif
  let s:last.connection = l:id
  call s:Add((s:Count() == 1 ? '' : "\n") . '## ' . a:params.question . "\n\n")
  let s:running = {'token': a:params.token, 'start': s:Count(), 'connection': l:id}
  let s:running.id = ale#lsp#Send(l:id, [0, 'memls/ask', a:params])
endfunction

function! s:Ask(question, bang, lines) abort
  if !empty(s:running)
    echo 'memls is still answering; :MemlsCancel stops it'
    return
  endif
  let l:linter = filter(ale#linter#Get(&filetype), {_, one -> one.name ==# 'memls'})
  if empty(l:linter)
    echo 'memls is not running here: name it in g:ale_linters for this file type'
    return
  endif
  let l:stamp = strftime('%Y%m%d-%H%M%S-') . reltimestr(reltime())[-6:]
  let s:session = a:bang || empty(s:session) ? 'vim-' . l:stamp : s:session
  let s:last = {'root': s:Root(bufnr('')), 'window': win_getid()}
  let l:params = {'question': a:question, 'session': s:session, 'token': l:stamp,
  \   'uri': ale#path#ToFileURI(expand('%:p'))}
  if !empty(a:lines)
    let l:params.range = {'start': {'line': a:lines[0] - 1, 'character': 0},
    \   'end': {'line': a:lines[1], 'character': 0}}
  endif
  for [l:key, l:name] in [['model', 'memls_model'], ['window', 'memls_window']]
    if exists('g:' . l:name)
      let l:params[l:key] = g:[l:name]
    endif
  endfor
  call s:Show()
  call ale#lsp_linter#StartLSP(bufnr(''), l:linter[0], function('s:Send', [l:params]))
endfunction

" Stop the question that runs; what has come of the answer stays.
function! s:Cancel() abort
  if !empty(s:running)
    call ale#lsp#Send(s:running.connection, [1, '$/cancelRequest', {'id': s:running.id}])
    call s:Finish('*cancelled*')
  endif
endfunction

command! -nargs=+ -range -bang MemlsAsk
\   call s:Ask(<q-args>, <bang>0, <range> ? [<line1>, <line2>] : [])
command! MemlsCancel call s:Cancel()

if exists('g:loaded_ale_dont_use_this_in_other_plugins_please')
  call s:Define()
else
  autocmd VimEnter * ++once call s:Define()
endif
