// An adapter with some of its methods replaced, for tests of what happens when it fails. The others stay the adapter's own.

export function replaced<Port extends object>(port: Port, changes: Partial<Port>): Port {
  return new Proxy(port, {
    get(target, property): unknown {
      const own: unknown = Reflect.get(property in changes ? changes : target, property);
      return typeof own === 'function' ? own.bind(property in changes ? changes : target) : own;
    },
  });
}
