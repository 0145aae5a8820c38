import type { Milliseconds } from '@muniment/interface'
import { pageHtml, pageText, printedDate, type PrintedPage } from './printed-page.ts'
import type { RecoveryKit } from './recovery-kit.ts'
import type { WordLanguage } from './word-list.ts'

const TEXTS = {
  en: {
    title: 'Muniment recovery kit',
    keyId: 'Key id',
    madeOn: 'Made on',
    lines: [
      'These 24 words bring your vault back when all your devices are lost. They need one replica besides: a folder, a server or another device where your vault is stored sealed.',
      'Whoever has these words and a replica can read the whole vault. Keep this page on paper, where you keep a passport. Do not photograph it, and do not type it anywhere but into Muniment.',
      'To restore: on a new machine, run “muniment kit restore” and type the words in order, or scan the code. Four letters of a word are enough. The key id tells whether a word is wrong.',
      'This kit counts only after you have tried it: “muniment kit rehearse”. When you make another kit, this one opens nothing that is written later: destroy it.',
    ],
  },
  fr: {
    title: 'Kit de secours Muniment',
    keyId: 'Identifiant de clé',
    madeOn: 'Fait le',
    lines: [
      'Ces 24 mots rendent votre coffre quand tous vos appareils sont perdus. Il faut en plus une réplique : un dossier, un serveur ou un autre appareil où votre coffre est conservé scellé.',
      'Qui a ces mots et une réplique peut lire tout le coffre. Gardez cette page sur papier, là où vous gardez un passeport. Ne la photographiez pas, et ne la saisissez nulle part ailleurs que dans Muniment.',
      'Pour restaurer : sur une nouvelle machine, lancez « muniment kit restore » et tapez les mots dans l’ordre, ou scannez le code. Quatre lettres par mot suffisent. L’identifiant de clé dit si un mot est faux.',
      'Ce kit ne compte qu’une fois essayé : « muniment kit rehearse ». Quand vous en faites un autre, celui-ci n’ouvre plus rien de ce qui est écrit ensuite : détruisez-le.',
    ],
  },
} as const

/** The kit's page as plain text, in the language of its words first, then in the other. */
export function kitPageText(kit: RecoveryKit, made: { readonly madeAt: Milliseconds }): string {
  return pageText(pageOf(kit, made))
}

/** The kit's page as HTML in one file, with the QR code. */
export function kitPageHtml(kit: RecoveryKit, made: { readonly madeAt: Milliseconds }): string {
  return pageHtml(pageOf(kit, made))
}

function pageOf(
  { member, words, language, link }: RecoveryKit,
  { madeAt }: { readonly madeAt: Milliseconds },
): PrintedPage {
  const other: WordLanguage = language === 'en' ? 'fr' : 'en'
  const [own, also] = [TEXTS[language], TEXTS[other]]
  return {
    language,
    title: `${own.title} · ${also.title}`,
    facts: [
      [`${own.keyId} · ${also.keyId}`, member.keyId],
      [`${own.madeOn} · ${also.madeOn}`, printedDate(madeAt)],
    ],
    items: words,
    columns: 3,
    link,
    sections: [
      { language, lines: own.lines },
      { language: other, lines: also.lines },
    ],
  }
}
