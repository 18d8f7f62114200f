/** What a look into a file said, as Hugging Face's clients read it. Pure. huggingface_hub: hf_api.py, BlobSecurityInfo. */
import type { FileScan } from '../../safety/scan.ts';

/** Their word for each verdict on an import. */
const SAFETY = { safe: 'innocuous', suspicious: 'suspicious', unsafe: 'dangerous' } as const;

/** Files that run nothing are safe; viruses are not looked for, and nothing is said of them. */
export function securityStatus(scan: FileScan | undefined) {
  const pickleImportScan =
    scan === undefined
      ? null
      : {
          status: scan.verdict,
          pickleImports: scan.imports.map(({ module, name, verdict }) => ({
            module,
            name,
            safety: SAFETY[verdict],
          })),
          message: scan.remark,
        };
  const status = scan?.verdict ?? 'safe';
  return { securityFileStatus: { status, avScan: null, pickleImportScan } };
}
