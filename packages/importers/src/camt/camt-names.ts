const words = (list: string): ReadonlySet<string> => new Set(list.trim().split(/\s+/))

/** Names of elements in camt.052, 053 and 054, from the schemas of ISO 20022. */
export const CAMT_NAMES: ReadonlySet<string> = words(`
  AccptncDtTm Acct AcctOwnrTxId AcctSvcrRef AcctSvcrTxId ActlDt AddtlCardData AddtlInf AddtlInfInd AddtlNtfctnInf
  AddtlNtryInf AddtlPdctInf AddtlRmtInf AddtlRptInf AddtlRtrRsnInf AddtlStmtInf AddtlSvc AddtlTxInf
  AdjstmntAmtAndRsn AdmstnZn AdmstnZone Adr AdrLine AdrTp Aggtd AggtdNtry Agt AlnRegnNb Amt AmtDtls AmtsdVal
  AnncdPstngAmt AnyBIC ApprvlNb AttndncCntxt AttndntLang AttndntMsgCpbl AuthntcnMtd AuthntcnNtty Authstn Avlbty
  BBAN BEI BIC BICFI BICOrBEI Bal BdryAmt BirthDt BkPtyId BkToCstmrAcctRpt BkToCstmrAcctRptV01
  BkToCstmrDbtCdtNtfctn BkToCstmrStmt BkTxCd BldgNb BldgNm BookgDt Br BrnchId Btch CSCMgmt CSCVal Card CardBrnd
  CardCtryCd CardDataNtryMd CardPres CardRdngCpblties CardSctyCd CardSeqNb CardTx Ccy CcyXchg Cd CdOrPrtry
  CdtDbtInd CdtLine CdtNoteAmt CdtNtries Cdtr CdtrAcct CdtrAgt CdtrRef CdtrRefInf CdtrRefTp CdtrTaxId CdtrTaxTp
  CertId ChanlTp ChqNb ChrgInclInd Chrgs CityOfBirth ClrSysId ClrSysMmbId ClrSysRef CmbndId Cmpnt CntrValAmt
  ComssnWvrInd CorpActn Cpblties CpyDplctInd CrdhldrPres CrdhldrVrfctnCpblties CreDtTm CshDpst CstmrNb CtctDtls
  Ctgy CtgyDesc CtgyDtls CtrctId Ctry CtryOfBirth CtryOfRes CtrySubDvsn DUNS DbtNtries Dbtr DbtrAcct DbtrAgt
  DbtrSts DbtrTaxId DealPric Dept Desc DispCpblties DispTp DlvrgAgt Document Domn DrvrsLicNb DscntApldAmt DstrctNm
  Dt DtAndPlcOfBirth DtTm Dtls DuePyblAmt EANGLN EQAmt EQSeq ElctrncAdr ElctrncSeqNb EmailAdr EmailPurp EndDt
  EndToEndId Envlp EvtId EvtTp FaceAmt FaxNb FcstInd FctvDt FinInstnId FinInstrmId FllbckInd Flr Fmly
  FmlyMdclInsrncInd FrAmt FrDt FrDtTm FrSeq FrToAmt FrToDt FrToSeq FrmsCd FrstTx Grnshee GrnshmtAdmstr GrnshmtRmt
  GrpHdr GrpId IBAN IBEI ICCRltdData ISIN Id IdTp IdntyCardNb Incl Indv InitgPty InstdAgt InstdAmt InstgAgt
  InstrId IntrBkSttlmDt IntrmyAgt1 IntrmyAgt2 IntrmyAgt3 Intrst Invcee Invcr IssgAgt Issr JobTitl LEI LastPgInd
  LastTx LclInstrm LglSeqNb LineDtls LineWidth ManfctrId Mdl MktInfrstrctrTxId MmbId MndtId MobNb MplyeeTermntnInd
  MplyrIdNb MsgId MsgNmId MsgPgntn MsgRcpt Mtd NEQAmt NEQSeq Nb NbOfDays NbOfLines NbOfNotes NbOfNtries NbOfTxs Nm
  NmAndAdr NmPrfx NoteDnmtn Ntfctn NtfctnPgntn Ntry NtryDtls NtryRef OnLineCntxt OnLineCpblties OrgId
  OrgnlAndCurFaceAmt OrgnlBizQry OrgnlBkTxCd Orgtr Othr OthrId Ownr PAN POI POICmpntTp Pctg PctgRate Pdct PdctAmt
  PdctCd PdctQty PgNb PhneNb PlainCardData PlcAndNm PmtCntxt PmtInfId PrcgId Prd PrePdAcct PrefrdMtd Pric
  PrtLineWidth Prtry PrtryAcct PrtryAmt PrtryCd PrtryId PrvcOfBirth PrvtId Prxy PsptNb PstBx PstCd PstlAdr Pty
  Purp QtnDt Qty Rate Rcrd RcvgAgt RePresntmntRsn Ref RefNb Refs RegnId RfrdDocAmt RfrdDocInf RfrdDocNb
  RfrdDocRltdDt RfrdDocTp RltdAcct RltdAgts RltdDt RltdDts RltdPric RltdPties RltdQties RltdRmtInf RmtId RmtInf
  RmtLctnDtls RmtLctnElctrncAdr RmtLctnMtd RmtLctnPstlAdr RmtdAmt Room Rpt RptPgntn RptgSeq RptgSrc Rsn Rspnsblty
  RtrInf RtrOrgtr RtrRsn RvslInd SaleRcncltnId SaleRefNb SchmeNm SclSctyNb SeqNb SeqNbRg SfkpgAcct Sfx ShrtNm
  SplmtryData SrcCcy SrlNb StartDt Stmt StmtPgntn Strd StrtNm Sts SttlmPlc SubDept SubFmlyCd SubTp Sum SvcCd Svcr
  SysNm Tax TaxAmt TaxDt TaxId TaxIdNb TaxRefNb TaxRmt TaxTp TaxTpInf TaxblBaseAmt TechInptChanl Titl ToAmt ToDt
  ToDtTm ToSeq Tp TradActvtyCtrctlSttlmDt TradDt TradgPty TrckData TrckNb TrckVal TrgtCcy TtlAmt TtlCdtNtries
  TtlChrgsAndTaxAmt TtlDbtNtries TtlIntrstAndTaxAmt TtlNetNtry TtlNetNtryAmt TtlNtries TtlNtriesPerBkTxCd
  TtlTaxAmt TtlTaxblBaseAmt TwnLctnNm TwnNm Tx TxAmt TxChanl TxCtgy TxDtRg TxDtTm TxDtls TxEnvt TxId TxRef
  TxsSummry TxtlRate UETR UPIC USCHU UltmtCdtr UltmtDbtr Unit UnitCcy UnitOfMeasr UnitPric Ustrd Val ValDt ValTp
  VldtnDt VldtnSeqNb VldtyRg VrsnNb XchgRate XpryDt Yldd Yr
`)
