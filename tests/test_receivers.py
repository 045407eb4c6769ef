"""Members of objects whose class is written: by a local's declaration, a field, a result, in every language.

In each source the calls of `run` and `go` that mean those of `Job` stand on a line with `JOB`, those that may
mean them on one with `MAYBE`. All others mean something else, or nothing of the repository.
"""

from pathlib import Path
from textwrap import dedent

import pytest

from tests.edges import Repository, build, place_of

CASES: dict[str, tuple[Repository, str]] = {
    "python": (
        {
            "jobs.py": """
                class Base:
                    def go(self): ...
                class Job(Base):
                    name: str = ""
                    def run(self): ...
                    def again(self) -> "Job": ...
                class Other:
                    def run(self): ...
                def make(n: int) -> Job | None: ...
                current = Job()
                """,
            "a.py": """
                import jobs
                from jobs import Job, Other, make, current
                from elsewhere import Thing
                class Holder:
                    kept: Job
                    def __init__(self, first: Job, second, third: Other):
                        self.first = first
                        self.second = second
                        self.third = third
                        self.fourth = make(1)
                    @property
                    def best(self) -> Job: ...
                    def all(self):
                        self.first.run()  # JOB
                        self.second.run()  # MAYBE
                        self.third.run()
                        self.fourth.run()  # JOB
                        self.kept.go()  # JOB
                        self.best.run()  # JOB
                def takes(job: Job, other: Other, what, thing: Thing, text: str, held: Holder):
                    job.run()  # JOB
                    job.again().again().go()  # JOB
                    other.run()
                    what.run()  # MAYBE
                    thing.run()
                    text.run()
                    held.first.run()  # JOB
                    made = jobs.make(2)
                    made.run()  # JOB
                    current.run()  # JOB
                    jobs.current.run()  # JOB
                    Job().run()  # JOB
                    several = [job]
                    several.run()
                    several[0].run()  # MAYBE
                    for each in several:
                        each.run()  # MAYBE
                def lists(jobs: list[Job], more: "Sequence[list[Job]]", keys: dict[int, Job]):
                    jobs[0].run()  # JOB
                    jobs.run()
                    jobs[1:].run()
                    for job in jobs:
                        job.run()  # JOB
                    [one.again().run() for one in more[0]]  # JOB
                    for key in keys:
                        key.run()  # MAYBE
                    first = jobs[0]
                    first.run()  # JOB
                def loops():
                    a = b.again()
                    b = a.again()
                    b.run()  # MAYBE
                """,
        },
        "jobs.py",
    ),
    "go": (
        {
            "go.mod": "module m\n",
            "jobs/jobs.go": """
                package jobs
                type Base struct{}
                func (b *Base) Go() {}
                type Job struct { Base; Next *Job }
                func (j *Job) Run() {}
                type Other struct{}
                func (o Other) Run() {}
                type Alias = Job
                func New(n int) (*Job, error) { return nil, nil }
                """,
            "main.go": """
                package main
                import "m/jobs"
                import "bytes"
                type holder struct { job *jobs.Job; list []jobs.Job }
                func (h *holder) all(other jobs.Other, alias *jobs.Alias, buffer bytes.Buffer) {
                    h.job.Run() // JOB
                    h.job.Next.Next.Go() // JOB
                    h.list[0].Run() // JOB
                    for _, one := range h.list {
                        one.Next.Run() // JOB
                    }
                    for i := range h.list {
                        i.Run() // MAYBE
                    }
                    byName := map[string]*jobs.Job{}
                    for _, one := range byName {
                        one.Run() // JOB
                    }
                    byName["a"].Run() // JOB
                    other.Run()
                    buffer.Run()
                    alias.Run() // JOB
                    job, err := jobs.New(1)
                    job.Run() // JOB
                    h.list[0].(*jobs.Job).Run() // JOB
                    err.(*jobs.Job).Run() // JOB
                    err.Run() // MAYBE
                    made := &jobs.Job{}
                    made.Go() // JOB
                    var later jobs.Job
                    later.Run() // JOB
                }
                """,
        },
        "jobs/jobs.go",
    ),
    "typescript": (
        {
            "jobs.ts": """
                class Base { go() {} }
                export class Job extends Base { run() {} next(): Job | undefined { return this } }
                export class Other { run() {} }
                export async function load(): Promise<Job> { return new Job() }
                export const current = new Job()
                """,
            "a.ts": """
                import { Job, Other, load, current } from './jobs'
                class Holder {
                  own = new Job()
                  constructor(private readonly job: Job, private other: Other) {}
                  async all(text: string, given?: Job) {
                    this.job.run() // JOB
                    this.own.go() // JOB
                    this.other.run()
                    text.run()
                    given?.run() // JOB
                    given!.next()?.go() // JOB
                    const loaded = await load()
                    loaded.run() // JOB
                    current.run() // JOB
                    things.map((given) => given.run()) // MAYBE
                    const many: Job[] = []
                    for (const one of many) one.run() // JOB
                    for (const key in many) key.run() // MAYBE
                    many[0].go() // JOB
                  }
                }
                """,
        },
        "jobs.ts",
    ),
    "java": (
        {
            "p/Base.java": "package p;\nclass Base { void go() {} }\n",
            "p/Job.java": """
                package p;
                public class Job extends Base { void run() {} Job next() { return this; } }
                """,
            "p/Other.java": "package p;\nclass Other { void run() {} }\n",
            "p/Main.java": """
                package p;
                import java.util.List;
                import java.util.Timer;
                class Main {
                  private final Job job = new Job();
                  void all(Other other, List<Job> list, String text) {
                    job.run(); // JOB
                    this.job.next().next().go(); // JOB
                    other.run();
                    list.run();
                    text.run();
                    for (Job one : list) one.run(); // JOB
                    for (var one : list) one.run(); // JOB
                    Job[] array = {};
                    array[0].run(); // JOB
                    var made = new Job();
                    made.go(); // JOB
                    list.get(0).run(); // MAYBE
                    new Job().run(); // JOB
                    new Other().run();
                    new Timer().run();
                    ((Job) text).next().go(); // JOB
                  }
                }
                """,
        },
        "p/Job.java",
    ),
    "c++": (
        {
            "jobs.h": """
                namespace n {
                class Base { public: void go() {} };
                class Job : public Base { public: void run() {} Job* next() { return 0; } };
                class Other { public: void run() {} };
                typedef Job Alias;
                Job* make(int n);
                }
                """,
            "a.cc": """
                #include "jobs.h"
                #include <string>
                namespace n {
                struct Holder { Job* job_; Other other_; };
                void Holder::all(const Job& given, Alias* alias, std::string text) {
                  job_->run(); // JOB
                  this->job_->next()->go(); // JOB
                  other_.run();
                  given.run(); // JOB
                  alias->go(); // JOB
                  text.run();
                  auto* fresh = new Job();
                  fresh->run(); // JOB
                  std::vector<Job> list;
                  for (const auto& one : list) one.run(); // JOB
                  list[0].go(); // JOB
                  Job local(1);
                  local.go(); // JOB
                }
                }
                """,
        },
        "jobs.h",
    ),
    "c#": (
        {
            "Jobs.cs": """
                namespace N;
                class Base { public void go() {} }
                class Job : Base { public void run() {} public Job Next { get; set; } }
                class Other { public void run() {} }
                """,
            "Main.cs": """
                namespace N;
                class Main {
                  private readonly Job _job = new();
                  void All(Other other, Job? given, IEnumerable<Job> list) {
                    _job.run(); // JOB
                    this._job.Next.Next.go(); // JOB
                    other.run();
                    given?.run(); // JOB
                    foreach (Job one in list) { one.run(); } // JOB
                    foreach (var one in list) one.run(); // JOB
                    var made = new Job() { Next = given };
                    made.go(); // JOB
                    (list as Job).run(); // JOB
                  }
                }
                """,
        },
        "Jobs.cs",
    ),
    "rust": (
        {
            "src/lib.rs": "pub mod jobs;\npub mod main;\n",
            "src/jobs.rs": """
                pub struct Job { pub next: Box<Job> }
                impl Job { pub fn new() -> Self { todo!() }
                pub fn run(&self) {} pub fn go(&self) {} }
                pub struct Other {}
                impl Other { pub fn run(&self) {} }
                """,
            "src/main.rs": """
                use crate::jobs::{Job, Other};
                struct Holder { job: Job }
                impl Holder {
                    fn all(&self, given: &Job, other: &Other) {
                        self.job.run(); // JOB
                        given.next.go(); // JOB
                        other.run();
                        let made = Job::new();
                        made.run(); // JOB
                        given.clone().run(); // MAYBE
                        let many: Vec<Job> = Vec::new();
                        for one in &many { one.run(); } // JOB
                        many[0].go(); // JOB
                        let next = &given.next;
                        next.run(); // JOB
                    }
                }
                """,
        },
        "src/jobs.rs",
    ),
    "rust: what may be there": (
        {
            "src/lib.rs": "pub mod jobs;\npub mod main;\n",
            "src/jobs.rs": """
                pub type Result<T> = std::result::Result<T, String>;
                pub struct Job { pub next: Option<Box<Job>>, pub other: Other }
                impl Job {
                    pub fn open(p: &str) -> Result<Self> { todo!() }
                    pub fn io(p: &str) -> io::Result<Job> { todo!() }
                    pub fn maybe(&self) -> Option<&Job> { todo!() }
                    pub async fn later(&self) -> std::result::Result<Job, Error> { todo!() }
                    pub fn many(&self) -> Result<Vec<Job>> { todo!() }
                    pub fn run(&self) {}
                    pub fn go(&self) {}
                }
                pub struct Other {}
                impl Other { pub fn run(&self) {} pub fn go(&self) {} }
                """,
            "src/main.rs": """
                use crate::jobs::{Job, Other};
                async fn all(given: Option<Job>, other: Option<Other>) -> Result<()> {
                    let a = Job::open("a?.b")?;
                    a.run(); // JOB
                    Job::io("x")?.go(); // JOB
                    let b = Job::open("a").unwrap();
                    b.maybe()?.maybe().unwrap().run(); // JOB
                    b.maybe().run(); // MAYBE
                    given.as_ref().expect("x").run(); // JOB
                    other?.run();
                    let c = b.later().await?;
                    c.run(); // JOB
                    c.later().await?.other.run();
                    if let Some(d) = c.maybe() { d.run(); } // JOB
                    while let Ok(mut e) = Job::open("") { e.go(); } // JOB
                    let Some(f) = &a.next else { return };
                    f.run(); // JOB
                    if let Err(g) = Job::open("") { g.run(); } // MAYBE
                    let h = Job::open("");
                    let i = h.map_err(|e| e.to_string())?;
                    i.run(); // JOB
                    for j in i.many()? { j.run(); } // JOB
                    for k in i.many().unwrap().iter() { k.run(); } // JOB
                    let l = i.next.unwrap_or_else(|| other());
                    l.run(); // JOB
                    let m = given.map(|x| x.other)?;
                    m.run(); // MAYBE
                }
                """,
        },
        "src/jobs.rs",
    ),
    "php": (
        {
            "Job.php": """
                <?php
                namespace N;
                class Base { function go() {} }
                class Job extends Base { function run() {} function next(): ?Job { return $this; } }
                class Other { function run() {} }
                """,
            "main.php": """
                <?php
                namespace N;
                class Main {
                    private Job $job;
                    function all(Other $other, ?Job $given) {
                        $this->job->run(); // JOB
                        $given->next()->go(); // JOB
                        $other->run();
                        $made = new Job();
                        $made->run(); // JOB
                        (new Job())->go(); // JOB
                    }
                }
                """,
        },
        "Job.php",
    ),
    "kotlin": (
        {
            "a/jobs/Job.kt": """
                package a.jobs
                class Job private constructor(val next: Job?) {
                    fun run() {}
                    fun go() {}
                    companion object {
                        fun make(): Job = Job(null)
                    }
                }
                """,
            "a/jobs/Other.kt": "package a.jobs\nclass Other {\n    fun run() {}\n}\n",
            "a/Main.kt": """
                package a
                import a.jobs.Job
                import a.jobs.*
                import b.Thing
                class Main(val job: Job) {
                    fun all(given: Job?, other: Other, thing: Thing) {
                        job.run() // JOB
                        given?.next!!.go() // JOB
                        other.run()
                        thing.run() // MAYBE
                        val made = Job.make()
                        made.run() // JOB
                        (other as Job).go() // JOB
                    }
                }
                """,
        },
        "a/jobs/Job.kt",
    ),
    "kotlin: an import of elsewhere": (
        {
            "a/jobs/Job.kt": "package a.jobs\nclass Job {\n    fun run() {}\n}\n",
            "a/Main.kt": """
                package a
                import elsewhere.Job
                fun all(given: Job) {
                    given.run() // MAYBE
                }
                """,
        },
        "a/jobs/Job.kt",
    ),
    "swift": (
        {
            "Job.swift": "class Job {\n  var next: Job?\n  func run() {}\n}\n",
            "README.md": "# Job\n",
            "JobGoing.swift": "extension Job {\n  func go() {}\n  func run(again: Int) {}\n}\n",
            "Main.swift": """
                class Main {
                  let job: Job
                  func all(given: Job?, what: String) {
                    job.go() // JOB
                    given?.next?.go() // JOB
                    job.run() // MAYBE
                    what.go() // MAYBE
                    let made = Job()
                    made.go() // JOB
                    (what as! Job).go() // JOB
                  }
                }
                """,
        },
        "JobGoing.swift",
    ),
    "scala": (
        {
            "jobs/Job.scala": "package jobs\nclass Job {\n  def run() = 1\n  def next: Job = this\n}\n",
            "jobs/Main.scala": """
                package jobs
                class Main(job: Job, val kept: Job) {
                  def all(one: Job) = {
                    one.run() // JOB
                    kept.next.next.run() // JOB
                    val made = new Job()
                    made.run() // JOB
                  }
                }
                """,
        },
        "jobs/Job.scala",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_member_is_of_the_class_that_is_written(case: str, tmp_path: Path) -> None:
    repository, defining = CASES[case]
    resolver, database = build(tmp_path, repository)
    rows = database.read(
        """SELECT s.qualified_name FROM symbols s JOIN files f ON f.id = s.file WHERE f.path = ?
        AND lower(s.name) IN ('run', 'go') AND NOT contains(lower(s.qualified_name), 'other')""",
        [defining],
    )
    base = [("p/Base.java", "Base.go")] if case == "java" else []
    places = [(defining, name) for (name,) in rows] + base
    found: dict[str, set[int]] = {"resolved": set(), "candidate": set()}
    main = next(path for path in reversed(repository) if path != defining)
    for path, name in places:
        for edge in resolver.references(place_of(database, f"{path}:{name}")):
            if edge.path == main:
                found[edge.status].add(edge.line)
    database.close()
    lines = list(enumerate(dedent(repository[main]).lstrip("\n").splitlines(), 1))
    sure = {number for number, line in lines if line.endswith(" JOB")}
    maybe = {number for number, line in lines if line.endswith(" MAYBE")}
    assert sure or maybe
    assert (found["resolved"], found["candidate"] - sure) == (sure, maybe)
