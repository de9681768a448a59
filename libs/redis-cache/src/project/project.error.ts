/** The project is not one that can be set up as asked; in words for whoever asked. */
export class ProjectError extends Error {
  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}
