import type { GroupJwk } from '@mooring/protocol/access/verifier-wire'
import { type GroupKey, isEnded, publicJwkOf } from './group-key.ts'
import type { KeyFiles } from './key-files.ts'

/** Keys of the group that this verifier has a share of, oldest first. What changes is on disk before it counts. */
export class HeldKeys {
  readonly #files: KeyFiles
  #keys: readonly GroupKey[]
  #last: Promise<unknown> = Promise.resolve()

  constructor(files: KeyFiles, keys: readonly GroupKey[]) {
    this.#files = files
    this.#keys = keys
  }

  get all(): readonly GroupKey[] {
    return this.#keys
  }

  get newest(): GroupKey | undefined {
    return this.#keys.at(-1)
  }

  /** The newest whose time has come. The one before it is never fallen back on, not even when it has ended. */
  dueAt(nowSeconds: number): GroupKey | undefined {
    return this.#keys.findLast(({ usedFrom }) => usedFrom <= nowSeconds)
  }

  find(kid: string): GroupKey | undefined {
    return this.#keys.find((key) => key.kid === kid)
  }

  /** As they are published, in two lists. */
  async published(): Promise<{ keys: GroupJwk[]; ended: GroupJwk[] }> {
    const keys = this.#keys.filter((key) => !isEnded(key))
    const ended = this.#keys.filter(isEnded)
    return {
      keys: await Promise.all(keys.map(publicJwkOf)),
      ended: await Promise.all(ended.map(publicJwkOf)),
    }
  }

  /** One that is on disk already. */
  add(key: GroupKey): void {
    this.#keys = [...this.#keys, key].sort((one, other) => one.generation - other.generation)
  }

  /**
   * Puts another value in the place of a key. One change ends before the next begins, so none is lost.
   *
   * @param change - Gives the key itself where nothing is to change.
   * @returns What it is now; undefined where there is no such key.
   */
  change(
    kid: string,
    change: (key: GroupKey) => GroupKey | Promise<GroupKey>,
  ): Promise<GroupKey | undefined> {
    return this.#next(async () => {
      const key = this.find(kid)
      if (key === undefined) return undefined
      const changed = await change(key)
      if (changed === key) return key
      await this.#files.update(changed)
      this.#keys = this.#keys.map((one) => (one === key ? changed : one))
      return changed
    })
  }

  drop({ kid, generation }: GroupKey): Promise<void> {
    return this.#next(async () => {
      this.#keys = this.#keys.filter((one) => one.kid !== kid)
      await this.#files.drop(generation)
    })
  }

  #next<T>(step: () => Promise<T>): Promise<T> {
    const run = this.#last.then(step)
    this.#last = run.catch(() => undefined)
    return run
  }
}
