// A refused body as our error envelope.

export function refusal(result, c) {
  if (result.success) return
  const issues = result.error.issues.map(({ path, code, message }) => ({ pointer: '/' + path.join('/'), rule: code, message }))
  return c.json({ error: { code: 'VALIDATION_ERROR', message: 'The request is not valid.', details: { issues } } }, 400)
}
