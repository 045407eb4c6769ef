;;; drive.el --- Drive Emacs through what a user does, and write what was seen as JSON  -*- lexical-binding: t -*-

(unless (locate-library "eglot") ; a package before Emacs 29
  (require 'package)
  (package-initialize))
(require 'json)
(require 'imenu)
(require 'xref)
(load (expand-file-name "~/.emacs.d/memls.el"))

(transient-mark-mode)
(setq make-backup-files nil create-lockfiles nil
      eglot-sync-connect 15 eglot-connect-timeout 15 eglot-events-buffer-size 0 eglot-autoshutdown nil
      memls-features '(:completion t))
(memls-use-eglot 'python-mode)

(defvar report nil "What was seen: an alist.")
(defvar root (file-name-as-directory (file-truename default-directory)))

(defun await (reached what &optional seconds)
  "Wait until the function REACHED gives something, which is returned; fail with WHAT."
  (let ((end (+ (float-time) (or seconds 5))) found)
    (while (not (setq found (funcall reached)))
      (when (> (float-time) end) (error "Waited in vain for %s" what))
      (accept-process-output nil 0.02))
    found))

(defun step (name capability work)
  "Report as NAME what WORK gives, if the server has CAPABILITY or that is nil."
  (push (cons name
              (if (and capability (not (eglot--server-capable capability)))
                  "not offered"
                (condition-case failure (funcall work)
                  (error `((error . ,(error-message-string failure)))))))
        report))

(defun open-at (path line word)
  "Put point on WORD of LINE in PATH."
  (switch-to-buffer (find-file-noselect (expand-file-name path root)))
  (unless (eglot-managed-p) (await #'eglot-managed-p (concat "eglot in " path)))
  (goto-char (point-min))
  (forward-line (1- line))
  (search-forward word (line-end-position))
  (goto-char (match-beginning 0)))

(defun place (path line)
  (format "%s:%d" (file-relative-name (file-truename path) root) line))

(defun here ()
  (vector (place buffer-file-name (line-number-at-pos))))

(defun places (items)
  "The places of xref ITEMS."
  (vconcat (mapcar (lambda (item)
                     (let ((location (xref-item-location item)))
                       (place (xref-location-group location) (xref-location-line location))))
                   items)))

(defun names (index)
  "All names of an imenu INDEX, which groups by kind or, since Emacs 30, by what is around."
  (apply #'append
         (mapcar (lambda (entry)
                   (let ((name (substring-no-properties (car entry))))
                     (append (unless (rassoc name eglot--symbol-kind-names) (list name))
                             (when (imenu--subalist-p entry) (names (cdr entry))))))
                 index)))

(defun told (function)
  "What an eldoc FUNCTION says at point."
  (let (said)
    (funcall function (lambda (text &rest _) (setq said text)))
    (substring-no-properties (await (lambda () said) "eldoc"))))

(defun answers ()
  (if (get-buffer "*memls*") (with-current-buffer "*memls*" (buffer-string)) ""))

(defun last-answer ()
  (let ((text (answers)))
    (if (string-match "\\(?:.\\|\n\\)*\\(^## \\(?:.\\|\n\\)*\\)" text) (match-string 1 text) "")))

(defun answered (model)
  "The last question with its answer, when MODEL has answered it."
  (await (lambda () (string-match-p (concat "\n\\*" model) (last-answer))) "the answer" 15)
  (last-answer))

(defun identifier () (xref-backend-identifier-at-point 'eglot))

(defun look-at-code ()
  "The standard features."
  (step 'documentSymbol :documentSymbolProvider
        (lambda ()
          (open-at "shop/stock.py" 4 "Shelf")
          (vconcat (delete-dups (names (funcall imenu-create-index-function))))))
  (step 'workspaceSymbol :workspaceSymbolProvider
        (lambda () (places (xref-backend-apropos 'eglot "restock"))))
  (step 'definition :definitionProvider
        (lambda () (open-at "app.py" 6 "restock") (xref-find-definitions (identifier)) (here)))
  (step 'declaration :declarationProvider
        (lambda ()
          (open-at "app.py" 6 "restock")
          (places (eglot--lsp-xrefs-for-method :textDocument/declaration))))
  (step 'implementation :implementationProvider
        (lambda ()
          (open-at "shop/stock.py" 4 "Shelf")
          (places (eglot--lsp-xrefs-for-method :textDocument/implementation))))
  (step 'references :referencesProvider
        (lambda () (open-at "app.py" 6 "restock") (places (xref-backend-references 'eglot (identifier)))))
  (step 'hover :hoverProvider
        (lambda () (open-at "app.py" 6 "restock") (told #'eglot-hover-eldoc-function)))
  (step 'signatureHelp :signatureHelpProvider
        (lambda () (open-at "app.py" 6 "shelf)") (told #'eglot-signature-eldoc-function)))
  (step 'documentHighlight :documentHighlightProvider
        (lambda ()
          (open-at "app.py" 6 "restock")
          (funcall (if (fboundp 'eglot-highlight-eldoc-function) #'eglot-highlight-eldoc-function
                     #'eglot-hover-eldoc-function) ; before Emacs 30 hovering highlights
                   #'ignore)
          (await (lambda () eglot--highlights) "highlights")
          (vconcat (mapcar (lambda (one) (place buffer-file-name (line-number-at-pos (overlay-start one))))
                           eglot--highlights))))
  (step 'completion :completionProvider
        (lambda ()
          (open-at "app.py" 6 "ock(")
          (pcase-let ((`(,_ ,_ ,table . ,_) (eglot-completion-at-point)))
            (vconcat (mapcar #'substring-no-properties (all-completions "rest" table))))))
  (step 'codeAction :codeActionProvider
        (lambda ()
          (open-at "app.py" 6 "restock")
          (vconcat (mapcar (lambda (action) (plist-get action :title))
                           (eglot-code-actions (point) (point)))))))

(defun ask-about-code ()
  "Questions of our own."
  (step 'ask nil
        (lambda ()
          (open-at "app.py" 6 "restock")
          (push-mark (line-beginning-position 3) t t)
          (goto-char (line-beginning-position))
          (memls-ask "Where is `restock` defined?")
          `((text . ,(answered "extractive"))
            (stayed . ,(equal (file-name-nondirectory buffer-file-name) "app.py")))))
  (step 'citation nil
        (lambda ()
          (switch-to-buffer "*memls*")
          (goto-char (point-min))
          (search-forward "[shop/stock.py:17-")
          (call-interactively (key-binding (kbd "RET")))
          (with-current-buffer (window-buffer) (here))))
  (step 'context nil
        (lambda ()
          (memls-context)
          (with-current-buffer "*memls context*" (buffer-string))))
  (step 'command nil
        (lambda ()
          (let ((argument (list :question "What is Cupboard?" :uri (memls--uri "shop/stock.py"))))
            (open-at "app.py" 6 "restock")
            (if (fboundp 'eglot-execute)
                (eglot-execute (eglot-current-server)
                               (list :title "Explain" :command "memls.ask" :arguments (vector argument)))
              (eglot-execute-command (eglot-current-server) 'memls.ask (vector argument)))
            (answered "extractive"))))
  (step 'retracted nil
        (lambda ()
          (open-at "app.py" 6 "restock")
          (setq memls-model "hasty")
          (memls-ask "What fills it?" t)
          (answered "hasty")))
  (step 'cancel nil #'cancel-an-answer)
  (step 'action nil
        (lambda ()
          (open-at "app.py" 6 "restock")
          (setq memls-model nil)
          (cl-letf (((symbol-function 'completing-read) (lambda (&rest _) "Explain"))
                    (last-nonmenu-event ?x)) ; not by the mouse
            (eglot-code-actions (point) (point) nil t))
          (answered "extractive"))))

(defun cancel-an-answer ()
  (open-at "app.py" 6 "restock")
  (setq memls-model "slow")
  (memls-ask "Tell me all.")
  (await (lambda () (string-match-p "word word" (answers))) "the first words" 15)
  (let ((refused (condition-case failure (progn (memls-ask "And more?") nil)
                   (user-error (error-message-string failure)))))
    (memls-cancel)
    (let ((after (answers)))
      (await (lambda () (file-exists-p (getenv "MEMLS_TEST_LEFT"))) "the end of the request")
      (accept-process-output nil 0.3)
      `((text . ,after) (refused . ,refused) (left . t)
        (grew . ,(- (length (answers)) (length after)))))))

(defun ask-beside-another-server ()
  "A question in a buffer that eglot does not manage."
  (setq memls-model nil)
  (switch-to-buffer (find-file-noselect (expand-file-name "notes.txt" root)))
  (memls-ask "What calls `restock`?" t)
  (answered "extractive"))

(condition-case failure
    (progn
      (switch-to-buffer (find-file-noselect (expand-file-name "app.py" root)))
      (apply #'eglot (eglot--guess-contact))
      (await (lambda ()
               (equal "ready" (plist-get (jsonrpc-request (eglot-current-server) :memls/status nil) :state)))
             "the index" 15)
      (look-at-code)
      (ask-about-code)
      (let ((server (eglot-current-server)))
        (eglot-shutdown server nil nil))
      (step 'alone nil #'ask-beside-another-server))
  (error (push `(failure . ,(error-message-string failure)) report)))

(let ((json-false :json-false))
  (with-temp-file (getenv "MEMLS_TEST_REPORT") (insert (json-encode report))))
