// What the messages use although some mail programs do not support it, and why that does no harm there.
// An entry that is no longer needed fails the lint as well: the list stays as short as the truth.

// The mail programs that the clients of a French business read their mail with.
export const programs = [
  'apple-mail.*', 'fastmail.*', 'gmail.*', 'laposte.*', 'orange.*', 'outlook.*', 'protonmail.*', 'samsung-email.*', 'sfr.*',
  'thunderbird.*', 'yahoo.*',
];

export const allowed = [
  {
    feature: '<body> element',
    programs: ['fastmail.desktop-webmail', 'laposte.desktop-webmail', 'outlook.android', 'outlook.ios', 'outlook.macos',
      'protonmail.android', 'protonmail.desktop-webmail', 'protonmail.ios', 'sfr.android', 'sfr.desktop-webmail', 'sfr.ios',
      'yahoo.android', 'yahoo.ios'],
    reason: 'They put the message into a page of their own; the outermost table repeats the background.',
  },
  {
    feature: '@media',
    programs: ['gmail.mobile-webmail', 'outlook.windows', 'outlook.windows-mail', 'sfr.android', 'sfr.ios', 'thunderbird.macos'],
    reason: 'It only darkens the colours and narrows the margin; all else is inlined.',
  },
  {
    feature: 'border-radius',
    programs: ['orange.android', 'orange.desktop-webmail', 'orange.ios', 'outlook.windows', 'outlook.windows-mail'],
    reason: 'The button has corners there.',
  },
  {
    feature: 'display:none',
    programs: ['gmail.mobile-webmail'],
    reason: 'The preview line has no height and no overflow either: see the pair below.',
  },
  {
    feature: 'overflow',
    programs: ['outlook.android', 'outlook.windows', 'outlook.windows-mail', 'yahoo.android'],
    reason: 'It is there for the preview line alone, which these do not display.',
  },
  {
    feature: 'lang attribute',
    programs: ['orange.desktop-webmail'],
    reason: 'Content-Language says it too.',
  },
  {
    feature: 'role attribute',
    programs: ['orange.android', 'orange.desktop-webmail', 'orange.ios', 'outlook.windows-mail'],
    reason: 'Tables that only place things are announced as tables, and read in the right order.',
  },
  {
    feature: 'word-break',
    programs: ['orange.android', 'orange.ios', 'outlook.windows-mail', 'yahoo.android', 'yahoo.desktop-webmail', 'yahoo.ios'],
    reason: 'It is for an invoice number of forty letters, which widens its column there.',
  },
];

// Of each pair, every program must support one: together they hide the preview line.
export const pairs = [['display:none', 'overflow']];
