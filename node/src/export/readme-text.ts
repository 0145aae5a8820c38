const ENGLISH = `EVERYTHING FROM YOUR VAULT

This archive was written by Muniment. Everything in it is an open format: text (UTF-8) and JSON, which any program reads.
What opens the archive is the program "age" (age-encryption.org), then "tar":

  age --decrypt --identity KEY.txt --output vault.tar FILE.tar.age      (or without --identity, by its passphrase)
  tar -xf vault.tar

records/KIND.jsonl      Your records, one JSON object a line, one file a kind; beyond 8 MiB it goes on in KIND.2.jsonl
                        and so on. "fields" has the values as they hold now, with your edits; "provenance" tells where
                        the record came from; "edited" what you changed and when; "conflicts" the values that your
                        devices disagree about, all of them. A file named _1.jsonl has a kind whose name is no file name.
imports.json            The files you imported: name, format, when, and how many records came of each.
credentials/N/          One folder for each credential. credential.json: what was certified, and by whom.
                        1.sd-jwt.txt, 2.sd-jwt.txt ...: the copies on this device, byte for byte as they were issued,
                        with the issuer's signature (SD-JWT, RFC 9901). Your other devices have copies of their own.
ledger/RELATIONSHIP.jsonl
                        Every offer, answer, receipt and what you showed, one entry a line, in order, one file for each
                        organisation. "n" counts from 1 and "hash" chains the entries. "body" is absent where it was
                        erased ("why" tells). Bytes stand as {"base64url": "..."} (RFC 4648, section 5, no padding).
shares.json             What you shared, under which contract, and where it stands.
devices.json            The devices of the vault.
manifest.json           The last file: length and SHA-256 of every other one. Without it the archive is not whole.

What is not in it:
- The files that you imported, as they were: the vault keeps what it read of them, not the files. Keep your originals.
- Private keys. The keys of your credentials never leave the device that made them, so that a credential can be read and
  its signature checked from here, but not shown to anybody as yours. The keys of your devices and the secrets by which
  credentials are renewed are not in it either.
- What you removed, and the values that edits replaced.
`

const FRENCH = `TOUT CE QUE CONTIENT VOTRE COFFRE

Cette archive a été écrite par Muniment. Tout y est en format ouvert : du texte (UTF-8) et du JSON, que tout programme
sait lire. Elle s’ouvre avec le programme « age » (age-encryption.org), puis « tar » :

  age --decrypt --identity CLE.txt --output coffre.tar FICHIER.tar.age  (ou sans --identity, par sa phrase de passe)
  tar -xf coffre.tar

records/GENRE.jsonl     Vos fiches, un objet JSON par ligne, un fichier par genre ; au-delà de 8 Mio, la suite est dans
                        GENRE.2.jsonl, etc. « fields » a les valeurs actuelles, avec vos modifications ; « provenance »
                        dit d’où vient la fiche ; « edited » ce que vous avez changé et quand ; « conflicts » toutes les
                        valeurs sur lesquelles vos appareils divergent. Un fichier _1.jsonl contient un genre dont le
                        nom ne peut être celui d’un fichier.
imports.json            Les fichiers que vous avez importés : nom, format, date, et combien de fiches en sont venues.
credentials/N/          Un dossier par attestation. credential.json : ce qui est attesté, et par qui.
                        1.sd-jwt.txt, 2.sd-jwt.txt ... : les exemplaires de cet appareil, à l’octet près tels qu’ils ont
                        été émis, avec la signature de l’émetteur (SD-JWT, RFC 9901). Vos autres appareils ont les leurs.
ledger/RELATION.jsonl   Toutes les offres, réponses, reçus et ce que vous avez montré, une entrée par ligne, dans
                        l’ordre, un fichier par organisation. « n » compte à partir de 1 et « hash » enchaîne les
                        entrées. « body » manque là où il a été effacé (« why » le dit). Les octets sont écrits
                        {"base64url": "..."} (RFC 4648, section 5, sans remplissage).
shares.json             Ce que vous avez partagé, sous quel contrat, et où cela en est.
devices.json            Les appareils du coffre.
manifest.json           Le dernier fichier : longueur et SHA-256 de tous les autres. Sans lui, l’archive est incomplète.

Ce qui n’y est pas :
- Les fichiers importés eux-mêmes : le coffre garde ce qu’il en a lu, pas les fichiers. Conservez vos originaux.
- Les clés privées. Celles de vos attestations ne quittent jamais l’appareil qui les a faites : d’ici, une attestation
  peut être lue et sa signature vérifiée, mais pas être présentée comme vôtre. Les clés de vos appareils et les secrets
  qui servent à renouveler les attestations n’y sont pas non plus.
- Ce que vous avez retiré, et les valeurs que vos modifications ont remplacées.
`

/** What an archive says of itself, in English and in French. */
export function readmeText(): string {
  return `${ENGLISH}\n${'-'.repeat(100)}\n\n${FRENCH}`
}
