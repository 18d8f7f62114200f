/** The address of a bucket, key and all, as the settings hold it. */

/**
 * `https://KEY_ID:SECRET@host[:port]/bucket[?region=NAME]`; without a region `us-east-1`, which most
 * stores take that have none. Raises RangeError with what should be there.
 */
export function parseS3Url(text: string) {
  const url = URL.parse(text);
  const [, bucket = '', ...rest] = url?.pathname.split('/') ?? [];
  const isComplete = url !== null && /^https?:$/.test(url.protocol) && url.username !== '';
  if (!isComplete || url.password === '' || bucket === '' || rest.join('') !== '') {
    throw new RangeError('an address such as https://KEY_ID:SECRET@s3.example.com/bucket');
  }
  return {
    endPoint: url.origin,
    accessKey: decodeURIComponent(url.username),
    secretKey: decodeURIComponent(url.password),
    bucket,
    region: url.searchParams.get('region') ?? 'us-east-1',
  };
}
