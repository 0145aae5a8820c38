import type { Fragment } from './fragment.ts'
import { fragmentLink, fragmentWords } from './fragment-forms.ts'
import { pageHtml, pageText, printedDate, type PrintedPage } from './printed-page.ts'
import type { WordLanguage } from './word-list.ts'

const TEXTS = {
  en: {
    title: 'Fragment of a Muniment vault',
    guardian: 'Guardian',
    fragment: 'Fragment',
    keyId: 'Key id',
    madeOn: 'Made on',
    of: 'of',
    needed: 'needed together',
    lines: [
      'You keep a part of the key to somebody’s vault. Alone it opens nothing. When that person has lost all their devices, they will ask you for it, and others for theirs.',
      'Give it to nobody else, and be sure who asks: speak with them, do not go by a message. If you lose it, tell them, and they will make new fragments.',
      'The code holds the fragment. The lines of words hold the same, for when no camera can read the code.',
    ],
  },
  fr: {
    title: 'Fragment d’un coffre Muniment',
    guardian: 'Gardien',
    fragment: 'Fragment',
    keyId: 'Identifiant de clé',
    madeOn: 'Fait le',
    of: 'sur',
    needed: 'nécessaires ensemble',
    lines: [
      'Vous gardez une partie de la clé du coffre de quelqu’un. Seule, elle n’ouvre rien. Quand cette personne aura perdu tous ses appareils, elle vous la demandera, et aux autres la leur.',
      'Ne la donnez à personne d’autre, et soyez sûr de qui demande : parlez-lui, ne vous fiez pas à un message. Si vous la perdez, dites-le-lui : elle fera de nouveaux fragments.',
      'Le code contient le fragment. Les lignes de mots contiennent la même chose, pour le jour où aucun appareil ne peut lire le code.',
    ],
  },
} as const

/** A guardian's page as plain text: the language asked for first, then the other. */
export function fragmentPageText(fragment: Fragment, options: { readonly language: WordLanguage }): string {
  return pageText(pageOf(fragment, options))
}

/** A guardian's page as HTML in one file, with the QR code. */
export function fragmentPageHtml(fragment: Fragment, options: { readonly language: WordLanguage }): string {
  return pageHtml(pageOf(fragment, options))
}

function pageOf(fragment: Fragment, { language }: { readonly language: WordLanguage }): PrintedPage {
  const { guardian, index, total, threshold, keyId, at } = fragment
  const other: WordLanguage = language === 'en' ? 'fr' : 'en'
  const [own, also] = [TEXTS[language], TEXTS[other]]
  const count = `${index} ${own.of} ${total}; ${threshold} ${own.needed}`
  return {
    language,
    title: `${own.title} · ${also.title}`,
    facts: [
      [`${own.guardian} · ${also.guardian}`, guardian],
      [own.fragment, count],
      [`${own.keyId} · ${also.keyId}`, keyId],
      [`${own.madeOn} · ${also.madeOn}`, printedDate(at)],
    ],
    items: fragmentWords(fragment, language),
    columns: 1,
    link: fragmentLink(fragment),
    sections: [
      { language, lines: own.lines },
      { language: other, lines: also.lines },
    ],
  }
}
