type Content = Node | string | false | undefined;

interface Properties {
  class?: string | undefined;
  /** Attributes; `true` is one without a value, `false` leaves it out. */
  [attribute: string]: string | number | boolean | undefined | ((event: Event) => void);
}

/** An element with attributes, listeners (`onclick`, …) and content. Texts never become markup. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Properties = {},
  ...content: Content[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties))
    if (typeof value === "function") made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== undefined && value !== false) made.setAttribute(key, String(value));
  made.append(...content.filter((one): one is Node | string => one !== false && one !== undefined));
  return made;
}

/** The element of the page that has this id. */
export function byId<Kind extends HTMLElement = HTMLElement>(id: string): Kind {
  return document.getElementById(id) as Kind;
}
