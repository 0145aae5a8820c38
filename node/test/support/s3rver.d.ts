declare module '@20minutes/s3rver' {
  /** An S3-compatible server that keeps objects in a folder and checks signatures; it knows one key. */
  export default class S3rver {
    constructor(options: {
      readonly address: string
      readonly port: number
      readonly silent: boolean
      readonly directory: string
      readonly vhostBuckets: boolean
      readonly configureBuckets: readonly { readonly name: string }[]
    })
    run(): Promise<{ readonly port: number }>
  }
}
