import { describe, expect, test } from "vitest";
import { reasonOf } from "../../src/chat/reasons";
import { Backoff } from "../../src/extension/backoff";
import { fileOf, pathOf } from "../../src/extension/places";
import { asCalledHere } from "../../src/extension/naming";
import { problemOf } from "../../src/extension/problems";
import { isOlder } from "../../src/extension/versions";

test.each([
  ["0.1.0", "0.1.0", false], ["0.0.9", "0.1.0", true], ["0.1", "0.1.0", false], ["0.10.0", "0.9.0", false],
  ["1.0.0rc1", "1.0.0", false], ["0.1.0+local", "0.1.1", true], ["nonsense", "0.1.0", true],
])("version %s before %s: %s", (version, needed, older) => {
  expect(isOlder(version, needed)).toBe(older);
});

test.each([
  [[0, 10, 20, 30, 40], [1000, 2000, 4000, 8000, 16000]],
  [[0, 10, 20, 30, 40, 50], [1000, 2000, 4000, 8000, 16000, null]],
  [[0, 200_000, 400_000], [1000, 1000, 1000]],
  [[0, 100_000, 200_000], [1000, 2000, 2000]],
])("ends at %j are waited for %j", (ends, pauses) => {
  const backoff = new Backoff();
  expect(ends.map((end) => backoff.next(end))).toEqual(pauses);
});

const error = (code: unknown): Error => Object.assign(new Error("why"), { code });
test.each([
  [error(-32601), true, "unknown"], [error(-32800), true, "cancelled"], [error(-32803), true, "refused"],
  [error(-32097), true, "gone"], [error(undefined), false, "gone"], [error(-32800), false, "cancelled"], ["why", true, "refused"],
])("%s while it runs (%s) is %s", (thrown, running, failure) => {
  expect(reasonOf(thrown, running)).toMatchObject({ failure, message: "why" });
});

test.each([
  [error("ENOENT"), "", "there is no such program"],
  [error("EACCES"), "", "it is a folder, or a file that may not be run"],
  [error(1), "", "it is not memls"],
  [null, "", "it is not memls"],
  [error(1), "Traceback:\nImportError: libffi.so\n", "ImportError: libffi.so"],
  [error(1), "/usr/bin/python3: No module named memls", "memls is not installed there"],
])("a program that ends with %s and says %j: %s", (thrown, stderr, problem) => {
  expect(problemOf(thrown, stderr)).toBe(problem);
});

test.each([
  ["no API key for api.openai.com: set OPENAI_API_KEY, or OPENAI_BASE_URL for another model server",
    "no API key for api.openai.com: set the key (memls: Set API Key), or the setting memls.baseUrl for another model server"],
  ["it has no model \"x\"; choose one with --model or MEMLS_MODEL", "it has no model \"x\"; choose one with the setting memls.model"],
  ["no such file: a.py", "no such file: a.py"],
])("%j is said as %j", (message, here) => {
  expect(asCalledHere(message)).toBe(here);
});

describe("places", () => {
  const link = [{ path: "/home/me/link", real: "/srv/shop/app" }];
  test.each([
    ["/srv/shop", "app/a.py", [], "/srv/shop/app/a.py"],
    ["/srv/shop", "app/a.py", link, "/home/me/link/a.py"],
    ["/srv/shop", "lib/b.py", link, "/srv/shop/lib/b.py"],
    ["/srv/shop", "../bank/c.py", [], null],
    ["/srv/shop", "/etc/passwd", [], null],
    ["/srv/shop", "..rc", [], "/srv/shop/..rc"],
  ])("%s holds %s", (base, path, folders, file) => {
    expect(fileOf(base, path, folders)).toBe(file);
    if (file !== null) {
      expect(pathOf(base, file, folders)).toBe(path);
    }
  });
  test.each([["/srv/shop", "/srv/bank/a.py"], ["/srv/shop", "/srv/shop"], ["/srv/shop", "/srv/shopping/a.py"]])("%s does not hold %s", (base, file) => {
    expect(pathOf(base, file, link)).toBeNull();
  });
});
