import { createCompareView } from "./compare/compare-view.js";
import { rememberedEngine, startEngineView } from "./compute/engine-view.js";
import { startNetworks } from "./compute/networks.js";
import { startCamera } from "./images/camera.js";
import { createGallery } from "./images/gallery.js";
import { startIntake } from "./images/intake.js";
import { loadModels } from "./models/load-models.js";
import { changed, onChange, type Session } from "./session.js";
import { createTagView } from "./tag/tag-view.js";
import { keepWork } from "./teach/keep-work.js";
import { createTeachView } from "./teach/teach-view.js";
import { byId } from "./ui/element.js";
import { complain } from "./ui/messages.js";
import { startTabs } from "./ui/tabs.js";

async function start(): Promise<void> {
  const models = await loadModels();
  byId("no-models").hidden = models !== undefined;
  if (!models) return;
  const session: Session = { models, images: [], selected: undefined, classes: [], head: undefined };
  const networks = await startNetworks(models, rememberedEngine());
  const views = [startEngineView, createGallery, createTagView, createCompareView, createTeachView];
  for (const create of views) onChange(create(session, networks));
  startIntake(session, networks);
  startCamera(session, networks);
  startTabs();
  await keepWork(session, networks);
  byId("app").hidden = false;
  changed();
}

start()
  .catch(complain)
  .finally(() => {
    document.documentElement.dataset.started = "true";
  });
