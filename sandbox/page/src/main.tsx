// Puts the workbench on the page.
import { createRoot } from "react-dom/client";
import { App } from "./App";
import "./style.css";
import "./message.css";

createRoot(document.getElementById("root")!).render(<App />);
