import { z } from 'zod'

/** Settings that several services have in the same words. */

export const credential = z
  .string()
  .regex(/^[\x21-\x7e]{32,256}$/, '32 to 256 characters without a space')

export const listen = z.strictObject({
  host: z
    .string()
    .default('127.0.0.1')
    .describe('Address to listen on; 0.0.0.0 for every interface.'),
  port: z.int().min(0).max(65_535).describe('TCP port; 0 lets the system choose one.'),
})

export const logLevel = z
  .enum(['debug', 'info', 'warn', 'error', 'silent'])
  .default('info')
  .describe('From which level on log lines are written.')
