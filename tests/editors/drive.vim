" Drives Vim with ALE through what a user does, and writes what was seen as JSON.

let s:report = {}
let s:root = resolve(getcwd())
let g:memls_test_taken = []

function! s:Wait(reached, what, ...) abort
  let l:start = reltime()
  while !a:reached()
    if reltimefloat(reltime(l:start)) > get(a:000, 0, 5)
      throw 'waited in vain for ' . a:what
    endif
    sleep 20m
  endwhile
endfunction

" One thing a user does.
function! s:Step(name, work) abort
  try
    let s:report[a:name] = a:work()
  catch
    let s:report[a:name] = {'error': v:exception . ' ' . v:throwpoint}
  endtry
  pclose
endfunction

" As `Step`, when the server offers it.
function! s:Feature(name, provider, work) abort
  if s:capabilities[a:provider] is# 1 || s:capabilities[a:provider] is v:true
    call s:Step(a:name, a:work)
  else
    let s:report[a:name] = 'not offered'
  endif
endfunction

" Put the cursor on a word of a line.
function! s:Open(path, line, word) abort
  execute 'edit' fnameescape(s:root . '/' . a:path)
  call cursor(a:line, 1)
  call search(a:word, 'c', a:line)
endfunction

function! s:Place(path, line) abort
  return substitute(resolve(fnamemodify(a:path, ':p')), '^' . s:root . '/', '', '') . ':' . a:line
endfunction

function! s:Here() abort
  return [s:Place(expand('%'), line('.'))]
endfunction

function! s:Jumped(command) abort
  let l:before = s:Here()
  execute a:command
  call s:Wait({-> s:Here() !=# l:before}, 'a jump')
  return s:Here()
endfunction

" The lines of the preview window that a command opens.
function! s:Previewed(command) abort
  let l:Preview = {-> filter(range(1, winnr('$')), {_, one -> getwinvar(one, '&previewwindow')})}
  execute a:command
  call s:Wait({-> !empty(l:Preview())}, 'the preview')
  return getbufline(winbufnr(l:Preview()[0]), 1, '$')
endfunction

" A request of our own, its answer.
function! s:Request(method, params) abort
  let g:memls_test_taken = []
  call ale#lsp_linter#SendRequest(bufnr(''), 'memls', [0, a:method, a:params],
  \   {answer -> add(g:memls_test_taken, answer)})
  call s:Wait({-> !empty(g:memls_test_taken)}, a:method)
  return g:memls_test_taken[0]
endfunction

function! s:Connect(linter, details) abort
  let s:connection = a:details.connection_id
endfunction

function! s:State() abort
  sleep 50m
  return s:Request('memls/status', {}).result.state
endfunction

function! s:Start() abort
  call s:Open('app.py', 6, 'restock')
  let l:linter = filter(ale#linter#Get('python'), {_, one -> one.name ==# 'memls'})[0]
  call ale#lsp_linter#StartLSP(bufnr(''), l:linter, function('s:Connect'))
  call s:Wait({-> exists('s:connection')}, 'the server')
  call s:Wait({-> s:State() ==# 'ready'}, 'the index', 15)
  let l:connection = ale#lsp#GetConnections()[s:connection]
  let s:capabilities = l:connection.capabilities
endfunction

function! s:Definition() abort
  call s:Open('app.py', 6, 'restock')
  return s:Jumped('ALEGoToDefinition')
endfunction

function! s:Implementation() abort
  call s:Open('shop/stock.py', 4, 'Shelf')
  return s:Jumped('ALEGoToImplementation')
endfunction

function! s:References() abort
  call s:Open('app.py', 6, 'restock')
  call setqflist([])
  ALEFindReferences -quickfix
  call s:Wait({-> !empty(getqflist())}, 'references')
  cclose
  return map(getqflist(), {_, one -> s:Place(bufname(one.bufnr), one.lnum)})
endfunction

function! s:Hover() abort
  call s:Open('app.py', 6, 'restock')
  return join(s:Previewed('ALEHover'), "\n")
endfunction

function! s:Symbols() abort
  call s:Open('app.py', 6, 'restock')
  let l:lines = s:Previewed('ALESymbolSearch -relative restock')
  return map(l:lines, {_, line -> join(split(line, ':')[:1], ':')})
endfunction

" ALE completes in insert mode alone, which a script is never in: what it makes of the answer is looked at.
function! s:Completion() abort
  call s:Open('app.py', 6, 'restock')
  let b:ale_completion_info = {'prefix': 'rest', 'source': 'ale-callback'}
  let l:params = {'textDocument': {'uri': ale#path#ToFileURI(expand('%:p'))},
  \   'position': {'line': 5, 'character': 8}}
  let l:found = ale#completion#ParseLSPCompletions(s:Request('textDocument/completion', l:params))
  return map(l:found, {_, one -> one.word})
endfunction

function! s:Actions() abort
  call s:Open('app.py', 6, 'restock')
  let g:memls_test_taken = []
  call ale#codefix#Execute(0, {data, items -> extend(g:memls_test_taken, items)})
  call s:Wait({-> !empty(g:memls_test_taken)}, 'actions')
  return map(copy(g:memls_test_taken), {_, one -> one[1].title})
endfunction

function! s:Answers() abort
  return bufexists('memls') ? join(getbufline('memls', 1, '$'), "\n") : ''
endfunction

" The last question with its answer, when a model has answered it.
function! s:Answered(model) abort
  let l:Part = {-> matchstr(s:Answers(), '.*\zs## .*')}
  call s:Wait({-> l:Part() =~# '\n\*' . a:model}, 'the answer', 15)
  return l:Part()
endfunction

function! s:Ask() abort
  call s:Open('app.py', 6, 'restock')
  let l:window = win_getid()
  6,7MemlsAsk Where is `restock` defined?
  return {'text': s:Answered('extractive'), 'stayed': win_getid() == l:window ? v:true : v:false}
endfunction

function! s:Again() abort
  call s:Open('app.py', 6, 'restock')
  MemlsAsk What is Cupboard?
  return s:Answered('extractive')
endfunction

function! s:Retracted() abort
  call s:Open('app.py', 6, 'restock')
  let g:memls_model = 'hasty'
  MemlsAsk! What fills it?
  return s:Answered('hasty')
endfunction

function! s:Citation() abort
  call win_gotoid(bufwinid('memls'))
  call cursor(1, 1)
  if search('\[shop/stock.py:17-', 'W') == 0
    throw 'no citation of restock'
  endif
  normal gf
  return s:Here()
endfunction

function! s:Cancel() abort
  call s:Open('app.py', 6, 'restock')
  let g:memls_model = 'slow'
  MemlsAsk Tell me all.
  call s:Wait({-> s:Answers() =~# 'word word'}, 'the first words', 15)
  let l:refused = execute('MemlsAsk And more?')
  MemlsCancel
  let l:after = s:Answers()
  call s:Wait({-> filereadable($MEMLS_TEST_LEFT)}, 'the end of the request')
  sleep 300m
  return {'text': l:after, 'refused': l:refused, 'left': v:true, 'grew': len(s:Answers()) - len(l:after)}
endfunction

" What an action asks the server to do where the editor does not ask by itself.
function! s:Action() abort
  call s:Open('app.py', 6, 'restock')
  let l:argument = {'question': 'What calls `restock`?', 'uri': ale#path#ToFileURI(expand('%:p'))}
  let l:params = {'command': 'memls.ask', 'arguments': [l:argument]}
  return s:Request('workspace/executeCommand', l:params).result.answer
endfunction

function! s:Main() abort
  try
    call s:Start()
    call s:Feature('definition', 'definition', function('s:Definition'))
    call s:Feature('implementation', 'implementation', function('s:Implementation'))
    call s:Feature('references', 'references', function('s:References'))
    call s:Feature('hover', 'hover', function('s:Hover'))
    call s:Feature('workspaceSymbol', 'symbol_search', function('s:Symbols'))
    call s:Feature('completion', 'completion', function('s:Completion'))
    call s:Feature('codeAction', 'code_actions', function('s:Actions'))
    call s:Step('ask', function('s:Ask'))
    call s:Step('citation', function('s:Citation'))
    call s:Step('command', function('s:Again'))
    call s:Step('retracted', function('s:Retracted'))
    call s:Step('cancel', function('s:Cancel'))
    call s:Step('action', function('s:Action'))
  catch
    let s:report.failure = v:exception . ' ' . v:throwpoint
  endtry
  call writefile([json_encode(s:report)], $MEMLS_TEST_REPORT)
  qall!
endfunction

" Plugins are whole only then.
autocmd VimEnter * ++nested call s:Main()
