"""The HTML of messages, a file each: `python .ci/mailcss/mails.py DEMO FOLDER`.

The emails in the demo's outbox, then every email template that ships, in each language, on every invented client.
"""

from __future__ import annotations

import email
import email.policy
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from generator.config import load_settings  # noqa: E402  (this checkout, installed or not)
from generator.domain.ledger import Channel  # noqa: E402
from generator.message_trials import try_templates  # noqa: E402


def main(demo: Path, folder: Path) -> int:
    """Writes the files; exit status 1 when one of the two kinds has none."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    drafts = sorted((demo / "outbox").glob("*.eml"))
    for draft in drafts:
        message = email.message_from_bytes(draft.read_bytes(), policy=email.policy.default)
        body = message.get_body(("html",))
        if body is None:
            print(f"{draft} has no HTML")
            return 1
        (folder / f"{draft.stem}.html").write_text(body.get_content(), encoding="utf-8")
    settings, _ = load_settings(demo)
    if settings is None:
        print(f"{demo} has no policy that can be read")
        return 1
    tried = 0
    for trial in try_templates(settings, shipped=True):
        if trial.message is None:
            print(f"{trial.where}: {'; '.join(problem.message for problem in trial.problems)}")
            return 1
        if trial.message.channel is Channel.EMAIL:
            tried += 1
            name = f"{trial.message.language}-{trial.template}-{tried}.html"
            (folder / name).write_text(trial.message.html, encoding="utf-8")
    print(f"{len(drafts)} emails of the demo, {tried} of invented clients")
    return 0 if drafts and tried else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
