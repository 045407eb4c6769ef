;;; memls.el --- Ask a code base, get checked citations  -*- lexical-binding: t -*-

;; Package-Requires: ((emacs "28.1") (eglot "1.9"))
;; License: MIT

;;; Commentary:

;; `memls-ask' streams the answer to a question into a buffer, where RET opens a citation.
;; `memls-cancel' stops it, `memls-context' shows what stands in the model's window.
;;
;; Symbols, definitions, references and the rest come through eglot, for the modes given to
;; `memls-use-eglot'.  Eglot has one server a buffer: where another one is wanted for them,
;; leave that out, and `memls-ask' starts a server of its own for the project.

;;; Code:

(require 'cl-lib)
(require 'eglot)
(require 'jsonrpc)
(require 'project)
(require 'url-util)

(defgroup memls nil "Questions about a code base." :group 'tools)

(defcustom memls-command '("memls" "lsp")
  "Program and arguments of the server."
  :type '(repeat string))

(defcustom memls-features nil
  "Standard features to switch, as a plist: (:completion t :hover :json-false)."
  :type 'plist)

(defcustom memls-model nil
  "The model to ask, instead of the environment's MEMLS_MODEL."
  :type '(choice (const nil) string))

(defcustom memls-window nil
  "The model's window in tokens, instead of the environment's MEMLS_WINDOW."
  :type '(choice (const nil) integer))

(defvar memls--session nil "The conversation that the next question goes on with.")
(defvar memls--running nil "The question being answered: a plist.")
(defvar memls--connections nil "Servers that eglot does not manage: an alist, by root.")
(defvar memls--last nil "The connection of the last question.")

;;; The server

(defclass memls-server (eglot-lsp-server) () "The server, where eglot manages it.")

(cl-defmethod eglot-initialization-options ((_server memls-server))
  (memls--options))

(cl-defmethod eglot-handle-notification ((_server memls-server) (_method (eql memls/event)) &rest event)
  (memls--on-event event))

(defun memls--ask-command (arguments)
  "Code actions name the command memls.ask with ARGUMENTS; asked here, the answer streams."
  (let ((argument (elt arguments 0)))
    (memls--ask (plist-get argument :question) argument)))

(if (fboundp 'eglot-execute)            ; since eglot 1.17, in Emacs 30
    (cl-defmethod eglot-execute ((_server memls-server) action)
      (if (equal (plist-get action :command) "memls.ask")
          (memls--ask-command (plist-get action :arguments))
        (cl-call-next-method)))
  (cl-defmethod eglot-execute-command ((_server memls-server) (_command (eql memls.ask)) arguments)
    (memls--ask-command arguments)))

;;;###autoload
(defun memls-use-eglot (&rest modes)
  "Make memls the server that `eglot' starts in buffers of MODES."
  (dolist (mode modes)
    (push `(,mode . (memls-server . ,memls-command)) eglot-server-programs)))

(defun memls--options ()
  "What `initialize' is given, as a JSON object."
  (if memls-features (list :features memls-features) (make-hash-table)))

(defun memls--root ()
  "The folder of the current project."
  (let ((project (project-current)))
    (expand-file-name (if project (project-root project) default-directory))))

(defun memls--uri (path)
  "The `file:' uri of PATH."
  (concat "file://" (url-hexify-string (directory-file-name (expand-file-name path))
                                       url-path-allowed-chars)))

(defun memls--connect (root)
  "Start a server for ROOT that eglot knows nothing of."
  (let* ((default-directory root)
         (connection
          (make-instance
           'jsonrpc-process-connection
           :name "memls"
           :process (lambda ()
                      (make-process :name "memls" :command memls-command :connection-type 'pipe
                                    :coding 'utf-8-emacs-unix :noquery t
                                    :stderr (get-buffer-create "*memls stderr*")))
           :request-dispatcher #'ignore
           :notification-dispatcher (lambda (_connection method event)
                                      (when (eq method 'memls/event) (memls--on-event event)))
           :on-shutdown #'memls--on-shutdown)))
    (jsonrpc-request connection :initialize
                     (list :processId (emacs-pid) :rootUri (memls--uri root)
                           :initializationOptions (memls--options)
                           :capabilities (make-hash-table)))
    (jsonrpc-notify connection :initialized (make-hash-table))
    connection))

(defun memls--connection ()
  "Eglot's server where it is memls, else one of our own for this project."
  (let ((managed (eglot-current-server)) (root (memls--root)))
    (cond ((and managed (object-of-class-p managed 'memls-server)) managed)
          ((derived-mode-p 'memls-answer-mode) (plist-get memls--last :connection))
          ((let ((known (cdr (assoc root memls--connections))))
             (and known (jsonrpc-running-p known) known)))
          (t (setf (alist-get root memls--connections nil nil #'equal) (memls--connect root))))))

(defun memls--on-shutdown (connection)
  "Say that the server of CONNECTION is gone, if it was answering."
  (when (eq connection (plist-get memls--running :connection))
    (memls--finish "**memls:** the server is gone")))

;;; The buffer of answers

(defvar memls-answer-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "RET") #'memls-open-citation)
    (define-key map (kbd "C-c C-k") #'memls-cancel)
    map))

(define-derived-mode memls-answer-mode special-mode "memls"
  "Questions and their answers; RET opens a citation."
  (setq-local font-lock-defaults
              '((("^## .*" . 'bold) ("\\[[^][\n]+[:#]L?[0-9][^][\n]*\\]" . 'link)) t))
  (visual-line-mode))

(defmacro memls--writing (&rest body)
  "Do BODY in the buffer of answers; windows that show its end go on showing it."
  (declare (indent 0))
  `(with-current-buffer (get-buffer-create "*memls*")
     (unless (derived-mode-p 'memls-answer-mode) (memls-answer-mode))
     (let ((inhibit-read-only t)
           (following (cl-remove-if-not (lambda (window) (= (window-point window) (point-max)))
                                        (get-buffer-window-list nil nil t))))
       (save-excursion (goto-char (point-max)) ,@body)
       (dolist (window following) (set-window-point window (point-max))))))

(defun memls--replace (text)
  "Make TEXT what stands of the answer."
  (memls--writing
    (delete-region (plist-get memls--running :start) (point-max))
    (insert text)))

(defun memls--finish (note)
  "End the question that runs, with NOTE below the answer."
  (memls--writing (insert "\n\n" note "\n") (setq mode-line-process nil))
  (setq memls--running nil))

(defun memls-open-citation ()
  "Open the citation at point: of `[a.py:1-3, 9; b.py:4]' the one item."
  (interactive)
  (let ((here (point)) path line)
    (save-excursion
      (goto-char (line-beginning-position))
      (while (and (not line) (re-search-forward "\\[\\([^][\n]+\\)\\]" (line-end-position) t))
        (when (<= (match-beginning 0) here (match-end 0))
          (let ((end (match-end 1)))
            (goto-char (match-beginning 1))
            (while (and (< (point) end) (or (not line) (<= (point) here)))
              (looking-at "[ ,;]*`?\\(?:\\([^,;\n]*?\\)[:#]\\)?L?\\([0-9]+\\)[^],;\n]*")
              (setq path (or (match-string-no-properties 1) path)
                    line (string-to-number (match-string 2)))
              (goto-char (match-end 0)))))))
    (unless (and path line) (user-error "No citation here"))
    (find-file-other-window (expand-file-name path (plist-get memls--last :root)))
    (goto-char (point-min))
    (forward-line (1- line))))

;;; Questions

(defun memls--summary (result)
  "What is worth saying of RESULT: its cost, and each citation that is not verified."
  (let* ((citations (append (plist-get result :citations) nil))
         (odd (cl-remove "verified" citations :test #'equal :key (lambda (one) (plist-get one :status)))))
    (string-join
     (append
      (list (format "*%s · %d steps · %d verified%s*" (plist-get result :model)
                    (plist-get (plist-get result :usage) :steps)
                    (- (length citations) (length odd))
                    (if (equal (plist-get result :status) "answered") "" " · incomplete")))
      (mapcar (lambda (one)
                (format "- [%s:%d-%d] %s %s" (plist-get one :path) (plist-get one :start)
                        (plist-get one :end) (plist-get one :status) (plist-get one :reason)))
              odd)
      (append (plist-get result :notes) nil))
     "\n")))

(defun memls--on-event (event)
  "Take EVENT, a notification of the question that runs."
  (when (and memls--running (equal (plist-get event :token) (plist-get memls--running :token)))
    (pcase (plist-get event :type)
      ("token" (memls--writing (insert (plist-get event :text))))
      ("retracted" (memls--replace ""))
      ("done" (memls--replace (plist-get (plist-get event :result) :answer)))
      ("syscall" (memls--tell (plist-get event :summary)))
      ("page_in" (memls--tell (concat "reads " (plist-get (plist-get event :page) :path))))
      ("interrupt" (memls--tell (plist-get event :text))))))

(defun memls--tell (text)
  "Show TEXT in the mode line of the answers."
  (memls--writing
    (setq mode-line-process (concat ": " (truncate-string-to-width text 50)))
    (force-mode-line-update)))

(defun memls--place ()
  "The current file, and the lines of the region, as the protocol names them."
  (when buffer-file-name
    (append
     (list :uri (memls--uri buffer-file-name))
     (when (use-region-p)
       (list :range
             (list :start (list :line (1- (line-number-at-pos (region-beginning) t)) :character 0)
                   :end (list :line (line-number-at-pos (1- (region-end)) t) :character 0)))))))

(defun memls--ask (question place)
  "Ask QUESTION; PLACE is a plist with :uri and perhaps :range."
  (when memls--running (user-error "Still answering; `memls-cancel' stops it"))
  (let ((connection (or (memls--connection) (user-error "Open a file of the repository first")))
        (token (format "%d" (random most-positive-fixnum)))
        (root (if (derived-mode-p 'memls-answer-mode) (plist-get memls--last :root) (memls--root))))
    (setq memls--session (or memls--session (format-time-string "emacs-%Y%m%d-%H%M%S-%6N"))
          memls--last (list :connection connection :root root))
    (memls--writing
      (unless (bobp) (insert "\n"))
      (insert "## " (replace-regexp-in-string "\\s-+" " " question) "\n\n")
      (setq memls--running (list :token token :connection connection :start (point))))
    (display-buffer "*memls*")
    (setq memls--running
          (plist-put memls--running :id (memls--send connection question token place)))))

(defun memls--send (connection question token place)
  "Send QUESTION with TOKEN and PLACE over CONNECTION; the request's id."
  (let ((finish (lambda (note)
                  (when (equal token (plist-get memls--running :token)) (memls--finish note)))))
    ;; The public function does not give the id, and cancelling needs it.
    (car (jsonrpc--async-request-1
          connection :memls/ask
          (append (list :question question :session memls--session :token token)
                  (list :uri (plist-get place :uri) :range (plist-get place :range))
                  (list :model memls-model :window memls-window))
          :success-fn (lambda (result) (funcall finish (memls--summary result)))
          :error-fn (lambda (failure) (funcall finish (concat "**memls:** " (plist-get failure :message))))
          :timeout nil))))

;;;###autoload
(defun memls-ask (question &optional fresh)
  "Ask QUESTION about the project; with a prefix (FRESH), in a new conversation.
An active region says which lines are meant."
  (interactive "sAsk memls: \nP")
  (when (and fresh (not memls--running)) (setq memls--session nil))
  (memls--ask question (memls--place))
  (deactivate-mark))

(defun memls-cancel ()
  "Stop the answer; what has come of it stays."
  (interactive)
  (when memls--running
    (jsonrpc-notify (plist-get memls--running :connection) :$/cancelRequest
                    (list :id (plist-get memls--running :id)))
    (memls--finish "*cancelled*")))

(defun memls-context ()
  "Show what stands in the model's window, of the conversation of the last question."
  (interactive)
  (unless memls--last (user-error "Nothing was asked yet"))
  (let* ((uri (concat "memls:/context/" memls--session))
         (reply (jsonrpc-request (plist-get memls--last :connection) :workspace/textDocumentContent
                                 (list :uri uri))))
    (with-current-buffer (get-buffer-create "*memls context*")
      (special-mode)
      (let ((inhibit-read-only t))
        (erase-buffer)
        (insert (plist-get reply :text))
        (goto-char (point-min)))
      (display-buffer (current-buffer)))))

(provide 'memls)
;;; memls.el ends here
