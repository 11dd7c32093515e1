// What counts as a word in search, for documents and queries alike: letters and digits, small, without diacritics.
// Pure; used by the embedded search index.

/** Letters that Unicode does not take apart, as people without them on the keyboard type them. */
const plainLetters: Readonly<Record<string, string>> = {
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  ı: 'i',
  ħ: 'h',
  þ: 'th',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
};
const unusualLetter = new RegExp(`[${Object.keys(plainLetters).join('')}]`, 'gu');
const apostrophe = /['’`]/gu;

/** "Brøndby IF" -> brondby, if. "Queen's" is one word, as it is when typed without the apostrophe. */
export function foldWords(text: string): readonly string[] {
  const folded = text
    .replaceAll(apostrophe, '')
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(unusualLetter, (letter) => plainLetters[letter] ?? letter);
  return folded.match(/[\p{L}\p{N}]+/gu) ?? [];
}
