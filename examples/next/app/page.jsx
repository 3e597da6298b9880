import Story from "./story.jsx";

export default function Page() {
  return (
    <main>
      <h1>Stories</h1>
      <Story />
    </main>
  );
}
