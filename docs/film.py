"""Makes the README's film of the frames that vscode-extension/test/vscode/film.test.ts keeps. Needs Pillow.

python docs/film.py FRAMES docs/images/panel.webp
"""

import json
import sys
from pathlib import Path

from PIL import Image

WIDTH = 1120
PACE = 0.1
"""Seconds between two frames at least."""
LAST = 2500
"""Milliseconds that the last one stands."""


def main() -> None:
    folder, target = Path(sys.argv[1]), Path(sys.argv[2])
    times: list[tuple[str, float]] = json.loads((folder / "times.json").read_text("utf-8"))
    kept: list[tuple[str, float]] = []
    for name, second in times:
        if kept and second - kept[-1][1] < PACE:
            kept[-1] = (name, kept[-1][1])  # what it looks like at the end of its time
        else:
            kept.append((name, second))
    ends = [second for _, second in kept[1:]]
    durations = [round((end - start) * 1000) for (_, start), end in zip(kept, ends, strict=False)] + [LAST]
    frames = [_frame(folder / name) for name, _ in kept]
    frames[0].save(
        target, save_all=True, append_images=frames[1:], duration=durations, loop=0, quality=60, method=6
    )
    print(f"{target}: {len(frames)} frames, {sum(durations) / 1000:.1f} s, {target.stat().st_size >> 10} KB")


def _frame(path: Path) -> Image.Image:
    with Image.open(path) as image:
        height = round(image.height * WIDTH / image.width)
        return image.convert("RGB").resize((WIDTH, height), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main()
