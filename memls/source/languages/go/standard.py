"""Interfaces and locks of Go's standard library that code embeds, with their methods.

No repository holds them, and what embeds one has its methods. Only those whose methods never change are here.
Package -> type -> signatures, written as outside of the package, with whole import paths.
"""

from collections.abc import Mapping

_READ, _WRITE, _CLOSE = "Read([]byte) (int, error)", "Write([]byte) (int, error)", "Close() error"
_SEEK = "Seek(int64, int) (int64, error)"
_LENGTHS = ("Len() int", "Less(i, j int) bool", "Swap(i, j int)")
_LOCKS = ("Lock()", "Unlock()", "TryLock() bool")
_DEADLINES = (
    "SetDeadline(time.Time) error",
    "SetReadDeadline(time.Time) error",
    "SetWriteDeadline(time.Time) error",
)

METHODS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "": {"error": ("Error() string",), "any": ()},
    "io": {
        "Reader": (_READ,),
        "Writer": (_WRITE,),
        "Closer": (_CLOSE,),
        "Seeker": (_SEEK,),
        "ReadWriter": (_READ, _WRITE),
        "ReadCloser": (_READ, _CLOSE),
        "WriteCloser": (_WRITE, _CLOSE),
        "ReadWriteCloser": (_READ, _WRITE, _CLOSE),
        "ReadSeeker": (_READ, _SEEK),
        "WriteSeeker": (_WRITE, _SEEK),
        "ReadSeekCloser": (_READ, _SEEK, _CLOSE),
        "ReadWriteSeeker": (_READ, _WRITE, _SEEK),
        "ReaderFrom": ("ReadFrom(io.Reader) (int64, error)",),
        "WriterTo": ("WriteTo(io.Writer) (int64, error)",),
        "ReaderAt": ("ReadAt([]byte, int64) (int, error)",),
        "WriterAt": ("WriteAt([]byte, int64) (int, error)",),
        "ByteReader": ("ReadByte() (byte, error)",),
        "ByteWriter": ("WriteByte(byte) error",),
        "RuneReader": ("ReadRune() (rune, int, error)",),
        "StringWriter": ("WriteString(string) (int, error)",),
    },
    "fmt": {"Stringer": ("String() string",), "GoStringer": ("GoString() string",)},
    "sort": {"Interface": _LENGTHS},
    "container/heap": {"Interface": (*_LENGTHS, "Push(any)", "Pop() any")},
    "sync": {
        "Locker": ("Lock()", "Unlock()"),
        "Mutex": _LOCKS,
        "RWMutex": (*_LOCKS, "RLock()", "RUnlock()", "TryRLock() bool", "RLocker() sync.Locker"),
    },
    "context": {
        "Context": (
            "Deadline() (time.Time, bool)",
            "Done() <-chan struct{}",
            "Err() error",
            "Value(any) any",
        )
    },
    "encoding": {
        "TextMarshaler": ("MarshalText() ([]byte, error)",),
        "TextUnmarshaler": ("UnmarshalText([]byte) error",),
        "BinaryMarshaler": ("MarshalBinary() ([]byte, error)",),
        "BinaryUnmarshaler": ("UnmarshalBinary([]byte) error",),
    },
    "encoding/json": {
        "Marshaler": ("MarshalJSON() ([]byte, error)",),
        "Unmarshaler": ("UnmarshalJSON([]byte) error",),
    },
    "flag": {"Value": ("String() string", "Set(string) error")},
    "net": {
        "Addr": ("Network() string", "String() string"),
        "Conn": (_READ, _WRITE, _CLOSE, "LocalAddr() net.Addr", "RemoteAddr() net.Addr", *_DEADLINES),
        "Listener": ("Accept() (net.Conn, error)", _CLOSE, "Addr() net.Addr"),
    },
    "net/http": {
        "Handler": ("ServeHTTP(net/http.ResponseWriter, *net/http.Request)",),
        "ResponseWriter": ("Header() net/http.Header", _WRITE, "WriteHeader(int)"),
        "Flusher": ("Flush()",),
        "Hijacker": ("Hijack() (net.Conn, *bufio.ReadWriter, error)",),
        "CloseNotifier": ("CloseNotify() <-chan bool",),
        "Pusher": ("Push(string, *net/http.PushOptions) error",),
        "RoundTripper": ("RoundTrip(*net/http.Request) (*net/http.Response, error)",),
    },
}
